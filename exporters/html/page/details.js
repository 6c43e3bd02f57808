// Everything about one span.

const MOST_ITEMS = 300;     // of a list that are shown at first
const LONG_TEXT = 600;      // characters; a longer value is shown folded

class DetailsPane {
  constructor(app) {
    this.app = app;
    this.pane = byId("details");
    this.asked = 0;
  }

  close() {
    ++this.asked;
    this.pane.hidden = true;
    document.body.classList.remove("with-details");
  }

  async show(span) {
    const asked = ++this.asked;
    this.pane.hidden = false;
    document.body.classList.add("with-details");
    const details = await this.app.store.details(span);
    if (asked !== this.asked) return;
    refill(this.pane, this.head(span), this.errorBox(span, details), this.facts(span),
      details ? this.sections(span, details) : make("p.note", null, "The attributes of this span are not in the page: it would have been too large."),
      this.identity(span, details));
    this.pane.scrollTop = 0;
  }

  head(span) {
    const {store} = this.app;
    const lane = this.app.waterfall.lanes;
    return make("header.details-head", {style: {"--lane": lane.colour(lane.of(span))}},
      make("button.back.quiet", {type: "button", onclick: () => this.app.showPane("trace")}, "‹ Trace"),
      make("button.close.quiet", {type: "button", title: "Close (Esc)", "aria-label": "Close details", onclick: () => this.app.closeDetails()}, "✕"),
      make("h3", {tabindex: "-1", id: "details-title"}, visible(store.text("name", span))),
      make("p.subject", null, this.app.waterfall.subjectText(span)),
      make("p.badges", null,
        make("span.badge", null, store.has(span, CALL) ? "API call" : `${KIND_WORDS[store.spans.kind[span]] ?? "unknown"} span`),
        make("span.badge.lane-badge", {title: lane.title(lane.of(span))}, make("span.lane-mark", {"aria-hidden": "true"}), lane.name(lane.of(span))),
        store.has(span, OPEN) && make("span.badge.open", null, "open: had not ended when it was read"),
        store.text("end", span) && make("span.badge", null, visible(store.text("end", span)))));
  }

  errorBox(span, details) {
    const {store} = this.app;
    if (!store.has(span, FAILED)) return null;
    const error = visible(store.text("error", span));
    const message = details ? visible(details.message) : "";
    return make("div.error-box", {role: "note"}, make("strong", null, "Error"), error && make("span", null, ` ${error}`),
      message && message !== error && !error.includes(message) && make("p", null, message));
  }

  facts(span) {
    const {store, forest} = this.app;
    const {spans} = store, {sums} = forest;
    const usage = tokensText(sums.input[span], sums.output[span], sums.cached[span]);
    const beneath = forest.firstChild[span] >= 0 && sums.calls[span] > 0;
    return make("dl.facts-list", null,
      fact("Duration", durationText(spans.duration[span])),
      fact("Starts", `${durationText(spans.start[span])} after the trace`),
      fact("First token", spans.firstToken[span] > 0 && `after ${durationText(spans.firstToken[span])}`),
      fact("Calls", beneath && `${countText(sums.calls[span])} in all${sums.errors[span] ? `, ${plural(sums.errors[span], "error")}` : ""}`),
      fact("Tokens", usage), fact("Cost", usdText(sums.cost[span])));
  }

  sections(span, details) {
    return [
      details.attributes.length > 0 && section("Attributes", details.attributes.length, attributeList(details.attributes)),
      details.leftOut > 0 && make("p.note", null, `${plural(details.leftOut, "item")} of this span are not in the page: it has more than 1 MiB of them.`),
      this.droppedNote(details),
      details.events.length > 0 && section("Events", details.events.length, limited(make("div"), details.events, (event) => this.event(span, event))),
      details.links.length > 0 && section("Links", details.links.length, limited(make("div"), details.links, (link) => this.link(link))),
      details.resource.length > 0 && section("Resource", details.resource.length, attributeList(details.resource), true),
    ];
  }

  droppedNote({droppedAttributes, droppedEvents, droppedLinks}) {
    const words = [[droppedAttributes, "attribute"], [droppedEvents, "event"], [droppedLinks, "link"]]
      .filter(([count]) => count > 0).map(([count, word]) => plural(count, word));
    return words.length > 0 && make("p.note", null, `Dropped before it was exported: ${words.join(", ")}.`);
  }

  event(span, event) {
    const offset = event.offset < 0 ? `${durationText(-event.offset)} before the span` : `after ${durationText(event.offset)}`;
    return make("div.event", null, make("h5", null, make("span", null, visible(event.name)), make("span.when", null, offset)),
      attributeList(event.attributes));
  }

  link(link) {
    const {store} = this.app;
    const trace = store.findTrace(link.trace);
    const target = trace < 0 ? -1 : store.findSpan(trace, link.span);
    const name = target >= 0 ? store.text("name", target) : trace >= 0 ? store.text("name", store.firstSpan(trace)) : "";
    return make("div.link", null,
      trace >= 0 ? make("button.go", {type: "button", onclick: () => this.app.goTo(trace, target)}, visible(name)) : make("span.note", null, "not in this page"),
      make("p.id", null, "trace ", make("code", null, link.trace), copyButton(link.trace, "trace id")),
      make("p.id", null, "span ", make("code", null, link.span), copyButton(link.span, "span id")),
      link.tracestate && make("p.id", null, "tracestate ", make("code", null, visible(link.tracestate))),
      attributeList(link.attributes));
  }

  identity(span, details) {
    const {store, forest} = this.app;
    const trace = this.app.trace;
    const start = BigInt(store.traces.start[trace.number]) + BigInt(Math.round(store.spans.start[span]));
    const end = start + BigInt(Math.round(store.spans.duration[span]));
    const parent = forest.parent[span];
    const id = (title, text) => row(title, [make("code", null, text), copyButton(text, `${title.toLowerCase()} id`)]);
    return section("Identity", -1, make("dl.attributes", null,
      id("Trace", store.traceId(trace.number)), id("Span", store.spanId(span)),
      row("Parent", parent >= 0 ? [make("button.go", {type: "button", onclick: () => this.app.openSpan(parent)}, visible(store.text("name", parent))),
        " ", make("code", null, store.spanId(parent))] : ROOT_WORDS[store.spans.root[span]] || "none: a root"),
      row("Start", [make("span.when-exact", null, exactTimeText(start)), make("span.raw", null, String(start))]),
      row("End", [make("span.when-exact", null, exactTimeText(end)), make("span.raw", null, String(end))]),
      details && details.scope && row("Scope", visible(details.scope)),
      details && details.tracestate && row("tracestate", visible(details.tracestate)),
      details && row("Flags", `0x${details.flags.toString(16).padStart(2, "0")}`)));
  }

  focus() { byId("details-title")?.focus({preventScroll: true}); }
}

function fact(title, text) {
  return text ? make("div", null, make("dt", null, title), make("dd", null, text)) : null;
}

function section(title, count, content, closed = false) {
  return make("details.section", {open: !closed}, make("summary", null, make("h4", null, title), count >= 0 && make("span.count-mark", null, countText(count))), content);
}

function row(title, content) {
  return make("div", null, make("dt", null, title), make("dd", null, content));
}

function attributeList(attributes) {
  if (attributes.length === 0) return null;
  return limited(make("dl.attributes"), attributes, ({key, type, value}) => row(breakable(visible(key)), valueElement(type, value)));
}

// A name that may be broken behind its dots and underscores, before it is broken anywhere else.
function breakable(name) {
  return name.slice(0, 1000).split(/(?<=[._/])/).flatMap((part) => [part, make("wbr")]);
}

// Fills `parent` with the first of many items; with the others when they are asked for.
function limited(parent, items, element) {
  addAll(parent, items.slice(0, MOST_ITEMS).map(element));
  if (items.length <= MOST_ITEMS) return parent;
  const button = make("button.quiet", {type: "button"}, `Show ${countText(items.length - MOST_ITEMS)} more`);
  button.addEventListener("click", () => { button.remove(); addAll(parent, items.slice(MOST_ITEMS).map(element)); });
  return [parent, button];
}

// A value as it is; JSON is laid out, a long text folded.
function valueElement(type, value) {
  if (Array.isArray(value)) return valueElement(0, value.length === 1 ? value[0] : value.map((item) => JSON.stringify(item)).join(",\n"));
  if (type !== 0) return make("span.number", null, value);
  const text = visible(prettyJson(value));
  if (text.length <= LONG_TEXT && !text.includes("\n")) return make("span", null, text);
  if (text.length <= LONG_TEXT) return make("pre", null, text);
  const pre = make("pre.folded", null, text.slice(0, LONG_TEXT));
  const button = make("button.quiet.unfold", {type: "button"}, `Show all (${countText(text.length)} characters)`);
  button.addEventListener("click", () => { pre.textContent = text; pre.classList.remove("folded"); button.remove(); });
  return [pre, button];
}

function prettyJson(text) {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
