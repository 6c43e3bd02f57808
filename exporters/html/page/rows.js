// A list of rows of equal height of which only those in sight exist, so that a hundred thousand cost no more than
// fifty. The container scrolls, has the focus, and says which row is the current one.

class Rows {
  // `fill(element, row)` makes a row's content; `choose(row)` is told when the current row changes by the mouse.
  constructor(container, {height, role, fill, choose, open}) {
    this.container = container;
    this.height = height;
    this.role = role;
    this.fill = fill;
    this.count = 0;
    this.current = -1;
    this.shown = new Map();
    this.space = make("div.rows-space", {role: "presentation"});
    container.append(this.space);
    container.addEventListener("scroll", () => this.later(), {passive: true});
    new ResizeObserver(() => this.later()).observe(container);
    container.addEventListener("click", (event) => this.onClick(event, choose));
    container.addEventListener("dblclick", (event) => open && this.onClick(event, open));
  }

  reset(count, current = -1) {
    this.count = count;
    this.current = current;
    this.space.style.height = `${count * this.height}px`;
    this.redraw();
  }

  redraw() {
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
    this.draw();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  draw() {
    const reserve = 6;
    const top = this.container.scrollTop, sight = this.container.clientHeight;
    const first = Math.max(0, Math.floor(top / this.height) - reserve);
    const end = Math.min(this.count, Math.ceil((top + sight) / this.height) + reserve);
    for (const [row, element] of this.shown) {
      if (row >= first && row < end) continue;
      element.remove();
      this.shown.delete(row);
    }
    for (let row = end - 1; row >= first; --row) if (!this.shown.has(row)) this.add(row);
    this.tellCurrent();
  }

  add(row) {
    const element = make(`div.row${row === this.current ? ".current" : ""}`, {role: this.role, id: `${this.container.id}-${row}`,
      "aria-selected": row === this.current ? "true" : "false", style: {top: `${row * this.height}px`, height: `${this.height}px`}});
    this.fill(element, row);
    this.shown.set(row, element);
    this.space.insertBefore(element, this.shown.get(row + 1) ?? null);  // the document has them in their order
  }

  refresh(row) {
    this.shown.get(row)?.remove();
    if (this.shown.delete(row)) this.add(row);
    this.tellCurrent();
  }

  setCurrent(row) {
    const before = this.current;
    this.current = row;
    if (before !== row) this.refresh(before);
    this.refresh(row);
    this.reveal(row);
  }

  reveal(row) {
    if (row < 0) return;
    const top = row * this.height, sight = this.container.clientHeight;
    if (top < this.container.scrollTop) this.container.scrollTop = Math.max(0, top - this.height);
    else if (top + this.height > this.container.scrollTop + sight) this.container.scrollTop = top + 2 * this.height - sight;
    this.draw();
  }

  tellCurrent() {
    if (this.shown.has(this.current)) this.container.setAttribute("aria-activedescendant", `${this.container.id}-${this.current}`);
    else this.container.removeAttribute("aria-activedescendant");
  }

  perPage() { return Math.max(1, Math.floor(this.container.clientHeight / this.height) - 1); }

  onClick(event, then) {
    const element = event.target.closest(".row");
    if (element) then(Number(element.id.slice(this.container.id.length + 1)), event);
  }
}
