// One trace: its tree on the left, on the right the time that each span took.

const SPAN_ROW_HEIGHT = 28;
const MAX_INDENT = 14;  // levels that are drawn; a deeper one is drawn there, with its depth told

class Waterfall {
  constructor(app) {
    this.app = app;
    this.trace = null;
    this.visible = [];  // spans, top to bottom
    this.rowOf = new Map();
    this.collapsed = new Set();
    this.onlyLane = -1;
    this.rows = new Rows(byId("waterfall"), {height: SPAN_ROW_HEIGHT, role: "treeitem",
      fill: (element, row) => this.fill(element, row),
      choose: (row, event) => this.onChoose(row, event),
      open: (row) => this.zoomTo(this.visible[row])});
    this.watchAxis();
  }

  get current() { return this.visible[this.rows.current] ?? -1; }

  show(trace) {
    this.trace = trace;
    this.collapsed.clear();
    this.onlyLane = -1;
    this.lanes = new Lanes(this.app.store, trace);
    this.window = [0, Math.max(1, trace.duration)];
    this.drawHead();
    this.drawAxis();
    byId("waterfall").scrollTop = 0;
    this.arrange();
  }

  // Which spans are rows: all but those below a collapsed one.
  arrange(keep = -1) {
    const {forest} = this.app;
    this.visible = [];
    let hiddenBelow = -1;  // depth of the collapsed span that is being passed
    for (let place = this.trace.first; place < this.trace.end; ++place) {
      const span = forest.order[place];
      if (hiddenBelow >= 0 && forest.depth[span] > hiddenBelow) continue;
      hiddenBelow = this.collapsed.has(span) ? forest.depth[span] : -1;
      this.visible.push(span);
    }
    this.rowOf = new Map(this.visible.map((span, row) => [span, row]));
    this.rows.reset(this.visible.length, this.rowOf.get(keep) ?? -1);
  }

  redraw() { this.rows.redraw(); }

  // --- what a row holds

  fill(element, row) {
    const span = this.visible[row];
    const {store, forest} = this.app;
    const lane = this.lanes.of(span);
    const failed = store.has(span, FAILED);
    element.setAttribute("aria-level", forest.depth[span] + 1);
    if (forest.firstChild[span] >= 0) element.setAttribute("aria-expanded", this.collapsed.has(span) ? "false" : "true");
    element.classList.toggle("failed", failed);
    element.classList.toggle("call", store.has(span, CALL));
    element.classList.toggle("hit", this.app.isHit(span));
    element.classList.toggle("dimmed", this.onlyLane >= 0 && this.onlyLane !== lane);
    element.style.setProperty("--lane", this.lanes.colour(lane));
    addAll(element, [this.label(span, failed), make("div.duration", null, durationText(store.spans.duration[span])), this.track(span)]);
  }

  label(span, failed) {
    const {store, forest} = this.app;
    const depth = forest.depth[span];
    const note = ROOT_WORDS[store.spans.root[span]];
    const end = visible(store.text("end", span));
    return make("div.label", {style: {"--depth": Math.min(depth, MAX_INDENT)}},
      depth > MAX_INDENT && make("span.depth", {title: "depth in the tree"}, countText(depth)),
      this.twisty(span),
      make(`span.glyph${store.has(span, CALL) ? ".glyph-call" : ""}`, {"aria-hidden": "true"}),
      failed && make("span.mark", {role: "img", "aria-label": "error", title: "error"}, "!"),
      make("span.name", null, visible(store.text("name", span))),
      note && make("span.badge", null, note),
      store.has(span, OPEN) && make("span.badge.open", {title: "had not ended when it was read"}, "open"),
      end && !failed && make("span.badge", null, end),
      make("span.subject", null, this.subjectText(span)),
      failed && make("span.error-text", null, [visible(store.text("error", span)), end].filter(Boolean).join(" · ")));
  }

  subjectText(span) {
    const {store} = this.app;
    return visible([store.text("subject", span), store.text("operation", span)].filter(Boolean).join(" · "));
  }

  twisty(span) {
    if (this.app.forest.firstChild[span] < 0) return make("span.twisty", {"aria-hidden": "true"});
    return make(`span.twisty.has${this.collapsed.has(span) ? ".closed" : ""}`, {"aria-hidden": "true"});
  }

  track(span) {
    const {store} = this.app;
    const start = store.spans.start[span], duration = store.spans.duration[span];
    const left = this.percent(start), right = this.percent(start + duration);
    const track = make("div.track");
    if (right < 0 || left > 100) {
      track.append(make(`span.outside${left > 100 ? ".after" : ""}`, null, left > 100 ? "›" : "‹"));
      return track;
    }
    const from = Math.max(0, left), to = Math.min(100, right);
    const bar = make(`div.bar${store.has(span, OPEN) ? ".open" : ""}`,
      {style: {left: `${from}%`, width: `max(2px, ${Math.max(0, to - from)}%)`}});
    this.addFirstToken(bar, span, from, to);
    addAll(track, [bar, this.barText(span, from, to)]);
    return track;
  }

  // What came before the first token is waiting, what came after is the answer.
  addFirstToken(bar, span, from, to) {
    const {store} = this.app;
    const first = store.spans.firstToken[span];
    const pixels = (to - from) * this.trackWidth / 100;
    if (first <= 0 || pixels < 8) return;  // in a bar that is smaller a mark would be all there is
    const at = (this.percent(store.spans.start[span] + first) - from) / (to - from);
    if (at <= 0 || at > 1) return;
    bar.append(make("div.waiting", {style: {width: `${at * 100}%`}}));
    bar.append(make("div.first-token", {style: {left: `${at * 100}%`}, title: `first token after ${durationText(first)}`}));
  }

  // What a call was like, beside its bar: as much of it as there is room for.
  barText(span, from, to) {
    const {store} = this.app, {spans} = store;
    if (!store.has(span, CALL) || store.has(span, FAILED)) return null;
    const first = spans.firstToken[span], input = spans.input[span], output = spans.output[span];
    const words = [usdText(spans.cost[span]),
      (input >= 0 || output >= 0) && `${countText(Math.max(0, input))} → ${countText(Math.max(0, output))}`,
      first > 0 && `first token ${durationText(first)}`].filter(Boolean);
    for (; words.length > 0; words.pop()) {
      const text = [...words].reverse().join(" · ");
      const needed = 100 * (text.length * 6.5 + 14) / this.trackWidth;
      if (needed < 100 - to) return make("div.bar-text", {style: {left: `calc(${to}% + 7px)`}}, text);
      if (needed < from) return make("div.bar-text", {style: {right: `calc(${100 - from}% + 7px)`}}, text);
    }
    return null;
  }

  percent(nanos) { return 100 * (nanos - this.window[0]) / (this.window[1] - this.window[0]); }

  // --- head and axis

  drawHead() {
    const {store} = this.app, trace = this.trace;
    const start = store.traces.start[trace.number];
    const facts = [
      `${dayText(dateOf(start))} ${clockText(dateOf(start))}`, durationText(trace.duration),
      plural(trace.end - trace.first, "span"), trace.calls > 0 && plural(trace.calls, "call"),
      tokensText(trace.input, trace.output, trace.cached), usdText(trace.cost)].filter(Boolean);
    refill(byId("trace-head"),
      make("button.back.quiet", {type: "button", onclick: () => this.app.showPane("list")}, "‹ Traces"),
      make("h2", null, visible(store.text("name", trace.first))),
      make("p.facts", null, facts.map((fact) => make("span.fact", null, fact)),
        trace.errors > 0 && make("button.badge.error", {type: "button", title: "next error (e)", onclick: () => this.app.nextError(1)}, plural(trace.errors, "error")),
        trace.open > 0 && make("span.badge.open", {title: "spans that had not ended when they were read"}, `${countText(trace.open)} open`)),
      make("p.id", null, make("span", null, "trace "), make("code", null, store.traceId(trace.number)),
        copyButton(store.traceId(trace.number), "trace id")),
      make("div.head-tools", null, this.laneButtons(),
        make("button.quiet", {type: "button", id: "fold", onclick: () => this.foldAll()}, "Collapse all"),
        make("button.quiet", {type: "button", id: "zoom-out", hidden: true, onclick: () => this.zoomOut()}, "Whole trace")));
  }

  laneButtons() {
    const most = 12;
    const buttons = this.lanes.list.slice(0, most).map((lane, number) => make("button.lane", {type: "button", "aria-pressed": "false",
      title: this.lanes.title(number), style: {"--lane": this.lanes.colour(number)}, onclick: (event) => this.chooseLane(number, event.currentTarget)},
      make("span.lane-mark", {"aria-hidden": "true"}), this.lanes.name(number)));
    const others = this.lanes.list.length - most;
    return make("div.lanes", {role: "group", "aria-label": "Threads"}, buttons, others > 0 && make("span.more", null, `and ${countText(others)} more threads`));
  }

  chooseLane(number, button) {
    this.onlyLane = this.onlyLane === number ? -1 : number;
    for (const other of button.parentElement.querySelectorAll(".lane")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", this.onlyLane >= 0 ? "true" : "false");
    this.redraw();
  }

  drawAxis() {
    const track = byId("axis").lastElementChild;
    const [from, to] = this.window;
    this.trackWidth = Math.max(1, track.clientWidth);
    const step = roundStep((to - from) / Math.max(2, Math.min(7, track.clientWidth / 110)));
    const ticks = [];
    for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 20; at += step) {
      ticks.push(make("span.tick", {style: {left: `${this.percent(at)}%`}}, at === 0 ? "0" : axisText(at, step)));
    }
    refill(track, ticks);
    // A background's place in percent is told of what is left beside one tile.
    const tile = 100 * step / (to - from), offset = this.percent(Math.ceil(from / step) * step);
    byId("waterfall").style.setProperty("--grid", `${tile}%`);
    byId("waterfall").style.setProperty("--grid-from", `${tile < 99.9 ? 100 * offset / (100 - tile) : 0}%`);
    const button = byId("zoom-out");
    if (button) button.hidden = from === 0 && to === Math.max(1, this.trace.duration);
  }

  // Drawing over the axis chooses a part of the time.
  watchAxis() {
    const track = byId("axis").lastElementChild;
    const nanosAt = (event) => {
      const box = track.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      return this.window[0] + part * (this.window[1] - this.window[0]);
    };
    let from = -1;
    track.addEventListener("pointerdown", (event) => { if (this.trace) { from = nanosAt(event); track.setPointerCapture(event.pointerId); } });
    track.addEventListener("pointerup", (event) => {
      const to = nanosAt(event);
      const least = (this.window[1] - this.window[0]) / 50;
      if (from >= 0 && Math.abs(to - from) > least) this.zoom(Math.min(from, to), Math.max(from, to));
      from = -1;
    });
    new ResizeObserver(() => { if (this.trace) { this.drawAxis(); this.redraw(); } }).observe(track);
  }

  zoom(from, to) {
    this.window = [from, Math.max(to, from + 1)];
    this.drawAxis();
    this.redraw();
  }

  zoomTo(span) {
    if (span < 0) return;
    const start = this.app.store.spans.start[span], duration = Math.max(1, this.app.store.spans.duration[span]);
    this.zoom(Math.max(0, start - duration * 0.03), start + duration * 1.06);
  }

  zoomOut() { this.zoom(0, Math.max(1, this.trace.duration)); }

  // --- moving about

  onChoose(row, event) {
    const span = this.visible[row];
    if (event.target.closest(".twisty.has")) this.fold(span, !this.collapsed.has(span));
    else this.app.openSpan(span, {pane: "details"});
  }

  select(span) {
    this.unfoldAbove(span);
    if (this.rowOf.has(span)) this.rows.setCurrent(this.rowOf.get(span));
  }

  move(by) {
    if (this.visible.length === 0) return;
    const row = Math.min(this.visible.length - 1, Math.max(0, this.rows.current + by));
    this.app.openSpan(this.visible[row]);
  }

  fold(span, closed) {
    if (this.app.forest.firstChild[span] < 0) return;
    if (closed) this.collapsed.add(span); else this.collapsed.delete(span);
    this.arrange(this.current);
  }

  foldAll() {
    const {forest} = this.app;
    const open = this.collapsed.size === 0;
    this.collapsed.clear();
    for (let span = this.trace.first; open && span < this.trace.end; ++span) {
      if (forest.firstChild[span] >= 0 && forest.parent[span] >= 0) this.collapsed.add(span);
    }
    byId("fold").textContent = open ? "Expand all" : "Collapse all";
    const kept = this.current;
    this.arrange(kept);
  }

  unfoldAbove(span) {
    if (this.rowOf.has(span)) return;
    const {parent} = this.app.forest;
    for (let above = parent[span]; above >= 0; above = parent[above]) this.collapsed.delete(above);
    this.arrange(span);
  }

  // Right: open, or to the first child. Left: close, or to the parent.
  step(right) {
    const span = this.current, {forest} = this.app;
    if (span < 0) return;
    const hasChildren = forest.firstChild[span] >= 0, closed = this.collapsed.has(span);
    if (right && hasChildren) {
      if (closed) this.fold(span, false); else this.app.openSpan(forest.firstChild[span]);
    } else if (!right) {
      if (hasChildren && !closed) this.fold(span, true);
      else if (forest.parent[span] >= 0) this.app.openSpan(forest.parent[span]);
    }
  }

  // The next span after the current one for which `test` holds, in the order of the tree; -1 without one.
  find(test, by) {
    const {order} = this.app.forest, {first, end} = this.trace;
    let place = by > 0 ? first - 1 : end;
    if (this.app.span >= 0) place = order.subarray(first, end).indexOf(this.app.span) + first;
    for (place += by; place >= first && place < end; place += by) if (test(order[place])) return order[place];
    return -1;
  }
}

// 1, 2 or 5 with zeros.
function roundStep(nanos) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, nanos)));
  const factor = nanos / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

// A tick's time, as exact as the step needs and no more.
function axisText(nanos, step) {
  const [unit, word] = nanos >= 1e9 || step >= 1e8 ? [1e9, "s"] : step >= 1e5 ? [1e6, "ms"] : step >= 1e2 ? [1e3, "µs"] : [1, "ns"];
  const digits = Math.min(9, Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)));
  return `${(nanos / unit).toFixed(digits)} ${word}`;
}
