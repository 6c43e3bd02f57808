// Trees and sums over the spans. Nothing recurses, as a chain of spans can be a hundred thousand deep.

class Forest {
  constructor(store) {
    this.store = store;
    const count = store.spanCount;
    this.parent = new Int32Array(count).fill(-1);
    this.firstChild = new Int32Array(count).fill(-1);
    this.nextSibling = new Int32Array(count).fill(-1);
    this.depth = new Int32Array(count);
    this.order = new Int32Array(count);  // as a tree shows them; a trace's spans at the places of its own
    this.sums = makeSums(count);
    this.traces = [];
    for (let trace = 0; trace < store.traceCount; ++trace) this.traces.push(this.addTrace(trace));
  }

  addTrace(trace) {
    const first = this.store.firstSpan(trace), end = this.store.endSpan(trace);
    this.link(first, end);
    this.arrange(first, end);
    for (let place = end - 1; place >= first; --place) this.sumUp(this.order[place]);
    return this.describe(trace, first, end);
  }

  // Backwards, so that pushing to the front leaves children in order of their start.
  link(first, end) {
    const parents = this.store.spans.parent;
    for (let span = end - 1; span >= first; --span) {
      if (parents[span] < 0) continue;
      const parent = first + parents[span];
      this.parent[span] = parent;
      this.nextSibling[span] = this.firstChild[parent];
      this.firstChild[parent] = span;
    }
  }

  arrange(first, end) {
    let place = first;
    for (let root = first; root < end; ++root) {
      if (this.parent[root] >= 0) continue;
      for (let span = root; span >= 0; span = this.following(span)) this.order[place++] = span;
    }
  }

  // The span that a tree shows next below the same root, or -1; its depth is set on the way.
  following(span) {
    if (this.firstChild[span] >= 0) {
      this.depth[this.firstChild[span]] = this.depth[span] + 1;
      return this.firstChild[span];
    }
    while (span >= 0 && this.nextSibling[span] < 0) span = this.parent[span];
    if (span < 0) return -1;
    this.depth[this.nextSibling[span]] = this.depth[span];
    return this.nextSibling[span];
  }

  // Summed over the deepest spans that carry each, as `llmobserve tree` does: a call above another one is not a
  // second call, and tokens told by both count once.
  sumUp(span) {
    const {spans} = this.store, sums = this.sums;
    if (sums.calls[span] === 0 && this.store.has(span, CALL)) sums.calls[span] = 1;
    if (sums.input[span] < 0 && sums.output[span] < 0) {
      for (const name of ["input", "output", "cached"]) sums[name][span] = spans[name][span];
    }
    if (sums.cost[span] < 0) sums.cost[span] = spans.cost[span];
    if (this.store.has(span, FAILED)) sums.errors[span] += 1;
    const parent = this.parent[span];
    if (parent < 0) return;
    for (const name of ["calls", "errors"]) sums[name][parent] += sums[name][span];
    for (const name of ["input", "output", "cached", "cost"]) sums[name][parent] = added(sums[name][parent], sums[name][span]);
  }

  describe(number, first, end) {
    const {spans} = this.store;
    const trace = {number, first, end, duration: 0, open: 0, roots: 0, calls: 0, errors: 0, input: -1, output: -1, cached: -1, cost: -1};
    for (let span = first; span < end; ++span) {
      trace.duration = Math.max(trace.duration, spans.start[span] + spans.duration[span]);
      if (this.store.has(span, OPEN)) ++trace.open;
      if (this.parent[span] < 0) this.addRoot(trace, span);
    }
    trace.tokens = added(trace.input, trace.output);
    return trace;
  }

  addRoot(trace, span) {
    ++trace.roots;
    for (const name of ["calls", "errors"]) trace[name] += this.sums[name][span];
    for (const name of ["input", "output", "cached", "cost"]) trace[name] = added(trace[name], this.sums[name][span]);
  }
}

function makeSums(count) {
  const unknown = () => new Float64Array(count).fill(-1);
  return {calls: new Int32Array(count), errors: new Int32Array(count), input: unknown(), output: unknown(), cached: unknown(), cost: unknown()};
}

// -1 is "not known", and what is not known adds nothing.
function added(sum, part) {
  if (part < 0) return sum;
  return sum < 0 ? part : sum + part;
}

function tokensText(input, output, cached) {
  if (input < 0 && output < 0) return "";
  const text = `${countText(Math.max(input, 0))} → ${countText(Math.max(output, 0))} tokens`;
  return cached > 0 ? `${text} (${countText(cached)} cached)` : text;
}
