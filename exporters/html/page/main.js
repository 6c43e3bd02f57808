// What is open, and how one part of the page tells the others.

class App {
  constructor(store, theme) {
    this.store = store;
    this.forest = new Forest(store);
    this.severalDays = this.coversSeveralDays();
    this.search = new Search(store);
    this.filters = new Filters(this);
    this.list = new TraceList(this);
    this.waterfall = new Waterfall(this);
    this.details = new DetailsPane(this);
    this.summary = new Summary(this);
    this.theme = theme;
    this.keys = new Keys(this);
    this.view = "traces";
    this.trace = null;
    this.span = -1;
    this.hits = null;
    byId("tab-traces").addEventListener("click", () => this.showView("traces"));
    byId("tab-summary").addEventListener("click", () => this.showView("summary"));
    byId("help-open").addEventListener("click", () => byId("help").showModal());
    window.addEventListener("hashchange", () => this.readAddress());
    this.showNotices();
    this.update();
    if (!this.readAddress() && this.shownTraces.length > 0) this.openTrace(this.shownTraces[0]);
  }

  coversSeveralDays() {
    const {start} = this.store.traces;
    return start.length > 1 && dayText(dateOf(start[0])) !== dayText(dateOf(start[start.length - 1]));
  }

  // --- what is shown

  // Filters have changed, or a search has ended.
  update() {
    this.shownTraces = filterTraces(this.forest, this.filters.values(), this.hits);
    this.list.show(this.shownTraces, this.trace);
    const all = this.forest.traces.length, shown = this.shownTraces.length;
    byId("count").textContent = shown === all ? plural(all, "trace") : `${countText(shown)} of ${plural(all, "trace")}`;
    this.showTotals();
    if (this.view === "summary") this.summary.show(this.shownTraces);
    if (this.trace) this.waterfall.redraw();
  }

  showTotals() {
    const sums = {spans: 0, calls: 0, errors: 0, input: -1, output: -1, cost: -1};
    for (const trace of this.shownTraces) {
      sums.spans += trace.end - trace.first;
      for (const name of ["calls", "errors"]) sums[name] += trace[name];
      for (const name of ["input", "output", "cost"]) sums[name] = added(sums[name], trace[name]);
    }
    const total = (title, text, mark = "") => make(`div${mark}`, null, make("dt", null, title), make("dd", null, text));
    refill(byId("totals"), total("Traces", countText(this.shownTraces.length)), total("Spans", countText(sums.spans)),
      total("Calls", countText(sums.calls)), total("Errors", countText(sums.errors), sums.errors ? ".bad" : ""),
      sums.input >= 0 && total("Tokens in", countText(sums.input)), sums.output >= 0 && total("out", countText(sums.output)),
      sums.cost >= 0 && total("Cost", usdText(sums.cost)));
  }

  showNotices() {
    const {about} = this.store;
    const left = about.leftOutTraces > 0 ? ` in ${plural(about.leftOutTraces, "trace")}` : "";
    const notices = [
      about.leftOutSpans > 0 && `Left out: ${plural(about.leftOutSpans, "older span")}${left}. llmobserve html --max-spans takes more.`,
      about.withoutDetails > 0 && `${plural(about.withoutDetails, "span")} are here without their attributes: the page would have been too large.`,
      about.damagedLines > 0 && `${plural(about.damagedLines, "damaged line")} of the input could not be read.`,
      about.damagedSpans > 0 && `${plural(about.damagedSpans, "damaged span")} of the input were left out.`,
      ...about.problems.map(visible)].filter(Boolean);
    refill(byId("notices"), notices.map((notice) => make("p", null, notice)));
    document.title = `${about.sources.map(visible).join(", ")} · llmobserve`.slice(0, 200);
  }

  showView(view) {
    this.view = view;
    document.body.dataset.view = view;
    for (const name of ["traces", "summary"]) {
      byId(`view-${name}`).hidden = name !== view;
      byId(`tab-${name}`).setAttribute("aria-selected", name === view ? "true" : "false");
    }
    if (view === "summary") this.summary.show(this.shownTraces);
    else this.list.rows.draw();
  }

  // On a narrow screen one of list, trace and details is shown.
  showPane(pane) { document.body.dataset.pane = pane; this.list.rows.later(); this.waterfall.rows.later(); }

  showWorkflow(name) {
    this.filters.setWorkflow(name);
    this.showView("traces");
  }

  // --- what is open

  openTrace(trace, {pane} = {}) {
    if (pane) this.showPane(pane);
    if (this.trace === trace) return;
    this.trace = trace;
    this.span = -1;
    document.body.classList.add("with-trace");
    this.details.close();
    this.list.mark(trace);
    this.waterfall.show(trace);
    this.writeAddress();
  }

  openSpan(span, {pane} = {}) {
    this.span = span;
    this.waterfall.select(span);
    this.details.show(span);
    if (pane) this.showPane(pane);
    this.writeAddress();
  }

  goTo(traceNumber, span) {
    this.showView("traces");
    this.openTrace(this.forest.traces[traceNumber]);
    if (span >= 0) this.openSpan(span);
  }

  closeDetails() {
    this.details.close();
    this.showPane("trace");
    byId("waterfall").focus();
  }

  isHit(span) { return this.hits !== null && this.hits[span] === 1; }

  // --- moving about

  inTrace() {
    const focus = document.activeElement;
    return this.trace !== null && (focus.closest(".trace-pane, .details-pane") !== null);
  }

  goDeeper() {
    if (!this.trace) return;
    if (!this.inTrace()) {
      this.showPane("trace");
      byId("waterfall").focus();
      if (this.waterfall.current < 0) this.waterfall.move(1);
    } else if (this.span >= 0) {
      this.showPane("details");
      this.details.show(this.span).then(() => this.details.focus());
    }
  }

  goBack() {
    if (this.view === "summary") return this.showView("traces");
    if (!byId("details").hidden) return this.closeDetails();
    this.showPane("list");
    byId("list").focus();
  }

  stepRight() {
    if (this.inTrace()) this.waterfall.step(true); else this.goDeeper();
  }

  startSearch() {
    this.showView("traces");
    this.showPane("list");
    byId("search").focus();
    byId("search").select();
  }

  nextError(by) { this.nextSpan((span) => this.store.has(span, FAILED), (trace) => trace.errors > 0, by); }

  nextHit(by) {
    if (!this.hits) return;
    const isHit = (span) => this.hits[span] === 1;
    this.nextSpan(isHit, (trace) => { for (let span = trace.first; span < trace.end; ++span) if (isHit(span)) return true; return false; }, by);
  }

  // Through the open trace, then through the others of the list, round and round.
  nextSpan(test, traceTest, by) {
    this.showView("traces");
    let span = this.trace ? this.waterfall.find(test, by) : -1;
    const traces = this.shownTraces, at = traces.indexOf(this.trace);
    for (let step = 1; span < 0 && step <= traces.length; ++step) {
      const trace = traces[(((at + by * step) % traces.length) + traces.length) % traces.length];
      if (!traceTest(trace)) continue;
      this.trace = trace === this.trace ? null : this.trace;
      this.openTrace(trace);
      span = this.waterfall.find(test, by);
    }
    if (span < 0) return;
    byId("waterfall").focus();
    this.showPane("trace");
    this.openSpan(span);
  }

  // --- the address: #t=<trace id>&s=<span id>, so that a place can be told and "back" works

  writeAddress() {
    const parts = [`t=${this.store.traceId(this.trace.number)}`];
    if (this.span >= 0) parts.push(`s=${this.store.spanId(this.span)}`);
    const address = `#${parts.join("&")}`;
    if (address !== location.hash) history.replaceState(null, "", address);
  }

  readAddress() {
    const match = /^#t=([0-9a-f]{32})(?:&s=([0-9a-f]{16}))?$/.exec(location.hash);
    const trace = match ? this.store.findTrace(match[1]) : -1;
    if (trace < 0) return false;
    this.openTrace(this.forest.traces[trace], {pane: "trace"});
    const span = match[2] ? this.store.findSpan(trace, match[2]) : -1;
    if (span >= 0) this.openSpan(span);
    return true;
  }
}

// The form above the list.
class Filters {
  constructor(app) {
    this.app = app;
    this.fillChoices();
    const form = byId("filters");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => { if (event.target.id !== "search") this.changed(); });
    byId("search").addEventListener("input", () => this.searchSoon());
    byId("filter-slower").addEventListener("input", () => this.changed());
    byId("filters-clear").addEventListener("click", () => this.clear());
  }

  fillChoices() {
    const {store} = this.app, {spans} = store;
    const workflows = new Map(), providers = new Map(), models = new Map();
    const count = (map, number) => map.set(number, (map.get(number) ?? 0) + 1);
    for (let span = 0; span < store.spanCount; ++span) {
      if (store.has(span, WORK)) count(workflows, spans.name[span]);
      if (spans.provider[span]) count(providers, spans.provider[span]);
      if (spans.model[span]) count(models, spans.model[span]);
    }
    this.fillSelect("filter-workflow", "any workflow", workflows);
    this.fillSelect("filter-provider", "any provider", providers);
    this.fillSelect("filter-model", "any model", models);
  }

  // The most frequent ones, by name.
  fillSelect(id, any, counts) {
    const most = 500;
    const numbers = [...counts].sort((a, b) => b[1] - a[1]).slice(0, most).map(([number]) => number);
    const {strings} = this.app.store;
    numbers.sort((a, b) => strings[a].localeCompare(strings[b]));
    refill(byId(id), make("option", {value: "-1"}, any),
      numbers.map((number) => make("option", {value: number}, visible(strings[number]).slice(0, 80))));
    byId(id).hidden = numbers.length === 0;
  }

  values() {
    const number = (id) => Number(byId(id).value);
    const slower = nanosOf(byId("filter-slower").value);
    byId("filter-slower").setAttribute("aria-invalid", Number.isNaN(slower) ? "true" : "false");
    return {workflow: number("filter-workflow"), provider: number("filter-provider"), model: number("filter-model"),
      errorsOnly: byId("filter-errors").checked, slowerThan: slower, order: byId("order").value};
  }

  changed() {
    const {workflow, provider, model, errorsOnly} = this.values();
    byId("filters-clear").hidden = workflow < 0 && provider < 0 && model < 0 && !errorsOnly &&
      byId("filter-slower").value === "" && byId("search").value === "";
    this.app.update();
  }

  clear() {
    for (const id of ["filter-workflow", "filter-provider", "filter-model"]) byId(id).value = "-1";
    byId("filter-errors").checked = false;
    byId("filter-slower").value = "";
    byId("search").value = "";
    this.app.hits = null;
    this.changed();
  }

  setWorkflow(name) {
    byId("filter-workflow").value = String(name);
    this.changed();
  }

  searchSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.runSearch(), 120);
  }

  async runSearch() {
    const terms = parseQuery(byId("search").value);
    if (terms.length === 0) {
      this.app.search.stop();
      this.app.hits = null;
      return this.changed();
    }
    document.body.classList.add("searching");
    const hits = await this.app.search.run(terms, (part) => { byId("count").textContent = `searching… ${Math.round(100 * Math.max(0, part))} %`; });
    if (hits === null) return undefined;
    document.body.classList.remove("searching");
    this.app.hits = hits;
    return this.changed();
  }
}

// Light or dark: as the system has it, until it is chosen here.
class Theme {
  constructor() {
    this.chosen = this.remembered();
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.system.addEventListener("change", () => this.show());
    byId("theme").addEventListener("click", () => this.toggle());
    this.show();
  }

  // Pages that are opened as files may have no storage.
  remembered() {
    try { return localStorage.getItem("llmobserve-theme"); } catch { return null; }
  }

  get current() {
    if (this.chosen === "light" || this.chosen === "dark") return this.chosen;
    return this.system.matches ? "dark" : "light";
  }

  show() {
    const other = this.current === "dark" ? "Light" : "Dark";
    document.documentElement.dataset.theme = this.current;
    byId("theme").textContent = other;
    byId("theme").setAttribute("aria-label", `${other} colours`);
  }

  toggle() {
    this.chosen = this.current === "dark" ? "light" : "dark";
    this.show();
    try { localStorage.setItem("llmobserve-theme", this.chosen); } catch { /* for this time only, then */ }
  }
}

async function start() {
  const theme = new Theme();
  try {
    const store = await Store.open();
    const app = new App(store, theme);
    byId("loading").remove();
    document.body.classList.add("ready");
    document.body.dataset.spans = store.spanCount;
    return app;
  } catch (error) {
    byId("loading").textContent = `The traces cannot be shown. ${error.message}`;
    throw error;
  }
}

start();
