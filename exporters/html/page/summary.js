// Sums over the traces shown: by workflow, and by model.

class Summary {
  constructor(app) {
    this.app = app;
    this.orders = new Map();  // of a table: {column, down}
  }

  show(traces) {
    const {workflows, models} = this.collect(traces);
    refill(byId("view-summary"),
      this.table("Workflows", "Each with everything beneath it, so one within another counts for both.", WORKFLOW_COLUMNS, workflows),
      this.table("Models and services", "API calls by provider and model.", MODEL_COLUMNS, models));
  }

  // Both count as `llmobserve top` does.
  collect(traces) {
    const workflows = new Map(), models = new Map();
    for (const trace of traces) {
      this.addWorkflows(trace, workflows);
      this.addModels(trace, models);
    }
    for (const group of [...workflows.values(), ...models.values()]) finishGroup(group);
    return {workflows: [...workflows.values()], models: [...models.values()]};
  }

  // A workflow within one of its name is part of that one.
  addWorkflows(trace, workflows) {
    const {store, forest} = this.app, above = [], open = new Map();
    for (let place = trace.first; place < trace.end; ++place) {
      const span = forest.order[place], name = store.spans.name[span];
      while (above.length > forest.depth[span]) {
        const left = above.pop();
        if (left >= 0) open.set(left, open.get(left) - 1);
      }
      const isWork = store.has(span, WORK);
      if (isWork && !open.get(name)) this.addTo(groupOf(workflows, name, {number: name, name: visible(store.strings[name])}), span);
      if (isWork) open.set(name, (open.get(name) ?? 0) + 1);
      above.push(isWork ? name : -1);
    }
  }

  // The deepest calls: what stands above one tells of the same call again.
  addModels(trace, models) {
    const {store, forest} = this.app, {group} = store.spans;
    const hasBelow = new Uint8Array(trace.end - trace.first);
    for (let place = trace.end - 1; place >= trace.first; --place) {
      const span = forest.order[place], below = hasBelow[span - trace.first], parent = forest.parent[span];
      if (group[span] && !below) {
        this.addTo(groupOf(models, group[span], {name: visible(store.text("model", span)), provider: visible(store.text("provider", span))}), span);
      }
      if (parent >= 0 && (below || group[span])) hasBelow[parent - trace.first] = 1;
    }
  }

  addTo(group, span) {
    const {store, forest} = this.app, {spans} = store, {sums} = forest;
    ++group.runs;
    if (!store.has(span, OPEN)) group.durations.push(spans.duration[span]);
    if (spans.firstToken[span] > 0) group.firstTokens.push(spans.firstToken[span]);
    if (store.has(span, FAILED)) ++group.errors;
    group.calls += sums.calls[span];
    for (const name of ["input", "output", "cached", "cost"]) group[name] = added(group[name], sums[name][span]);
  }

  table(title, note, columns, groups) {
    const order = this.orders.get(title) ?? {column: columns.find(({first}) => first), down: true};
    const sorted = [...groups].sort((a, b) => (order.down ? -1 : 1) * compare(order.column.sort(a), order.column.sort(b)));
    const heads = columns.map((column) => this.columnHead(title, column, order));
    const most = 500;
    const rows = sorted.slice(0, most).map((group) => make("tr", null, columns.map((column, place) =>
      make(place === 0 ? "th" : column.left ? "td" : "td.figure", place === 0 ? {scope: "row"} : null, column.cell(group, this.app)))));
    return make("section.sums", null, make("h2", null, title), make("p.note", null, note),
      groups.length === 0 ? make("p.note", null, "None in the traces shown.") :
        make("div.table-holder", {tabindex: "0", role: "region", "aria-label": title}, make("table", null, make("thead", null, make("tr", null, heads)), make("tbody", null, rows))),
      groups.length > most && make("p.note", null, `${countText(groups.length - most)} more rows are not shown.`));
  }

  columnHead(title, column, order) {
    const chosen = order.column.title === column.title;
    const choose = () => {
      this.orders.set(title, {column, down: chosen ? !order.down : !column.left});
      this.show(this.app.shownTraces);
      byId("view-summary").querySelector(`[data-column="${title} ${column.title}"]`)?.focus();
    };
    return make(column.left ? "th" : "th.figure", {scope: "col", "aria-sort": chosen ? (order.down ? "descending" : "ascending") : "none"},
      make("button.quiet", {type: "button", onclick: choose, "data-column": `${title} ${column.title}`, title: column.explain}, column.title));
  }
}

function groupOf(groups, key, about) {
  let group = groups.get(key);
  if (!group) {
    group = {...about, durations: [], firstTokens: [], runs: 0, calls: 0, errors: 0, input: -1, output: -1, cached: -1, cost: -1};
    groups.set(key, group);
  }
  return group;
}

function finishGroup(group) {
  for (const name of ["durations", "firstTokens"]) group[name] = Float64Array.from(group[name]).sort();
  group.p50 = percentile(group.durations, 0.5);
  group.p95 = percentile(group.durations, 0.95);
  group.ttft = percentile(group.firstTokens, 0.5);
}

// By nearest rank: a duration that was there.
function percentile(sorted, part) {
  return sorted.length === 0 ? -1 : sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

function compare(a, b) {
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

const figure = (title, name, text, more = {}) => ({title, sort: (group) => group[name], cell: (group) => text(group[name]), ...more});
const known = (count) => (count < 0 ? "" : countText(count));
const USAGE_COLUMNS = [
  figure("Tokens in", "input", known), figure("out", "output", known, {explain: "tokens out"}),
  {title: "cached", explain: "part of the tokens in", sort: (group) => group.cached, cell: (group) => (group.input < 0 ? "" : known(group.cached))}, figure("Cost", "cost", usdText, {first: true}),
];
const errorCell = {title: "Errors", sort: (group) => group.errors,
  cell: ({errors}) => (errors ? make("span.badge.error", null, countText(errors)) : "0")};
const TIME_COLUMNS = [
  figure("p50", "p50", durationText, {explain: "half of them were faster"}),
  figure("p95", "p95", durationText, {explain: "19 of 20 were faster"}),
];
const WORKFLOW_COLUMNS = [
  {title: "Workflow", left: true, sort: (group) => group.name, cell: (group, app) =>
    make("button.go", {type: "button", title: "show its traces", onclick: () => app.showWorkflow(group.number)}, group.name)},
  figure("Runs", "runs", countText), errorCell, ...TIME_COLUMNS, figure("Calls", "calls", countText), ...USAGE_COLUMNS,
];
const MODEL_COLUMNS = [
  {title: "Model", left: true, sort: (group) => group.name, cell: (group) => group.name || "–"},
  {title: "Provider", left: true, sort: (group) => group.provider, cell: (group) => group.provider},
  figure("Calls", "runs", countText), errorCell, ...TIME_COLUMNS,
  figure("First token", "ttft", durationText, {explain: "median time to the first token"}), ...USAGE_COLUMNS,
];
