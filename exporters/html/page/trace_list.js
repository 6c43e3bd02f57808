// The list of traces on the left.

const LIST_ROW_HEIGHT = 58;

class TraceList {
  constructor(app) {
    this.app = app;
    this.traces = [];
    this.rows = new Rows(byId("list"), {height: LIST_ROW_HEIGHT, role: "option",
      fill: (element, row) => this.fill(element, row),
      choose: (row) => { this.rows.setCurrent(row); app.openTrace(this.traces[row], {pane: "trace"}); }});
  }

  show(traces, openTrace) {
    this.traces = traces;
    this.longest = traces.reduce((longest, trace) => Math.max(longest, trace.duration), 1);
    this.rows.reset(traces.length, traces.indexOf(openTrace));
    if (this.rows.current >= 0) this.rows.reveal(this.rows.current);
    else byId("list").scrollTop = 0;
  }

  mark(trace) { this.rows.setCurrent(this.traces.indexOf(trace)); }

  move(by) {
    if (this.traces.length === 0) return;
    const row = Math.min(this.traces.length - 1, Math.max(0, this.rows.current + by));
    this.rows.setCurrent(row);
    this.app.openTrace(this.traces[row]);
  }

  fill(element, row) {
    const trace = this.traces[row];
    const {store} = this.app;
    const start = dateOf(store.traces.start[trace.number]);
    element.setAttribute("aria-posinset", row + 1);
    element.setAttribute("aria-setsize", this.traces.length);
    if (trace.errors) element.classList.add("failed");
    addAll(element, [
      make("div.list-line", null,
        make("span.list-name", null, visible(store.text("name", trace.first))),
        trace.roots > 1 && make("span.more", {title: "more tops of trees in this trace"}, `+${countText(trace.roots - 1)}`),
        make("span.list-duration", null, durationText(trace.duration))),
      make("div.list-line", null,
        make("span.list-facts", null, [this.timeText(start), trace.calls > 0 && plural(trace.calls, "call"),
          trace.tokens > 0 && plural(trace.tokens, "token")].filter(Boolean).join(" · ")),
        trace.open > 0 && make("span.badge.open", null, "open"),
        trace.errors > 0 && make("span.badge.error", null, plural(trace.errors, "error")),
        trace.cost >= 0 && make("span.money", null, usdText(trace.cost))),
      make("div.list-bar", {style: {width: `${Math.max(0.5, 100 * trace.duration / this.longest)}%`}}),
    ]);
  }

  // The day only where the page spans several.
  timeText(date) {
    return this.app.severalDays ? `${dayText(date).slice(5)} ${clockText(date).slice(0, 8)}` : clockText(date);
  }
}
