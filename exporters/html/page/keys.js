// The keyboard.

const KEYS = [
  ["j, ↓", "next row"], ["k, ↑", "previous row"], ["→, ←", "open and close a span; to its first child, to its parent"],
  ["Enter", "into the trace; to the details"], ["Esc", "back; leave the search"], ["/", "search"],
  ["e, E", "next error, previous error"], ["n, N", "next hit of the search, previous hit"], ["[, ]", "previous trace, next trace"],
  ["z, Z", "show only the span's time; the whole trace"], ["c", "collapse or expand all"],
  ["s", "summary or traces"], ["t", "light or dark"], ["?", "this list"],
];

class Keys {
  constructor(app) {
    this.app = app;
    document.addEventListener("keydown", (event) => this.onKey(event));
    refill(byId("help"), make("h2", {id: "help-title"}, "Keys"),
      make("dl.keys", null, KEYS.map(([keys, meaning]) => make("div", null,
        make("dt", null, keys.split(", ").map((key) => make("kbd", null, key))), make("dd", null, meaning)))),
      make("p.note", null, "Draw over the time axis to look closer, or double-click a span. In the search every word has to occur in one span; ",
        make("code", null, "key=value"), " asks one attribute, ", make("code", null, "\"two words\""), " belong together."),
      make("button", {type: "button", onclick: () => byId("help").close()}, "Close"));
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (typing) return this.onTyping(event);
    const action = this.actions().get(event.key);
    const onControl = event.target.closest("button, summary, input, a");
    if (!action || (onControl && (event.key === "Enter" || event.key === " "))) return;
    event.preventDefault();
    action();
  }

  onTyping(event) {
    if (event.key !== "Escape" && !(event.key === "Enter" && event.target.id === "search")) return;
    event.preventDefault();
    byId("list").focus();
  }

  actions() {
    const {app} = this;
    const rows = app.inTrace() ? app.waterfall : app.list;
    const page = rows.rows.perPage();
    return new Map([
      ["j", () => rows.move(1)], ["ArrowDown", () => rows.move(1)], ["k", () => rows.move(-1)], ["ArrowUp", () => rows.move(-1)],
      ["PageDown", () => rows.move(page)], ["PageUp", () => rows.move(-page)],
      ["Home", () => rows.move(-Infinity)], ["End", () => rows.move(Infinity)],
      ["ArrowRight", () => app.stepRight()], ["ArrowLeft", () => app.inTrace() && app.waterfall.step(false)],
      ["Enter", () => app.goDeeper()], ["Escape", () => app.goBack()], ["/", () => app.startSearch()],
      ["e", () => app.nextError(1)], ["E", () => app.nextError(-1)], ["n", () => app.nextHit(1)], ["N", () => app.nextHit(-1)],
      ["]", () => app.list.move(1)], ["[", () => app.list.move(-1)],
      ["z", () => app.waterfall.zoomTo(app.waterfall.current)], ["Z", () => app.trace && app.waterfall.zoomOut()],
      ["c", () => app.trace && app.waterfall.foldAll()], ["s", () => app.showView(app.view === "traces" ? "summary" : "traces")],
      ["t", () => app.theme.toggle()], ["?", () => byId("help").showModal()],
    ]);
  }
}
