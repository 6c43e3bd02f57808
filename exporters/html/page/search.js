// Which traces are shown: filters over sums, and a search through every text of every span.
//
// Words of a query all have to occur in one span; "two words" in quotes are one. `key=value` holds a value against
// the attribute of that name.

function parseQuery(text) {
  const terms = [];
  for (const match of text.toLowerCase().matchAll(/"([^"]*)"?|(\S+)/g)) {
    const word = match[1] ?? match[2];
    if (word === "") continue;
    const equals = match[1] === undefined ? word.indexOf("=") : -1;
    terms.push({word, key: equals > 0 ? word.slice(0, equals) : "", value: equals > 0 ? word.slice(equals + 1) : ""});
  }
  return terms;
}

class Search {
  constructor(store) {
    this.store = store;
    this.lowered = new Map();  // of each block, when it was searched once
    this.running = 0;
  }

  // Marks the spans in which the terms occur (a Uint8Array), or null where a newer search has begun. Yields now and
  // then, so that the page stays alive; `progress` is told the part that is done.
  async run(terms, progress) {
    const run = ++this.running;
    const hits = new Uint8Array(this.store.spanCount);
    const index = this.indexMatches(terms);
    let lastPause = performance.now();
    for (const [number, spans] of this.spansByBlock()) {
      const block = number < 0 ? null : await this.loweredBlock(number);
      if (run !== this.running) return null;
      const matches = block && terms.map((term) => matchesOf(block.strings, term));
      for (const span of spans) hits[span] = this.spanMatches(span, terms, index, block, matches) ? 1 : 0;
      if (performance.now() - lastPause < 30) continue;
      progress(number / this.store.about.blocks);
      await new Promise((resolve) => setTimeout(resolve));
      lastPause = performance.now();
    }
    return run === this.running ? hits : null;
  }

  stop() { ++this.running; }

  spansByBlock() {
    if (this.byBlock) return this.byBlock;
    const byBlock = new Map();
    this.store.spans.block.forEach((number, span) => {
      if (!byBlock.has(number)) byBlock.set(number, []);
      byBlock.get(number).push(span);
    });
    this.byBlock = [...byBlock].sort((a, b) => a[0] - b[0]);
    return this.byBlock;
  }

  indexMatches(terms) {
    this.loweredIndex ??= this.store.strings.map((text) => text.toLowerCase());
    return terms.map((term) => matchesOf(this.loweredIndex, term).words);
  }

  async loweredBlock(number) {
    let lowered = this.lowered.get(number);
    if (!lowered) {
      const block = await this.store.block(number);
      if (!block) return null;
      lowered = {strings: block.strings.map((text) => text.toLowerCase()), rows: block.rows, resources: block.resources};
      this.lowered.set(number, lowered);
    }
    return lowered;
  }

  spanMatches(span, terms, index, block, matches) {
    return terms.every((term, number) =>
      this.indexHas(span, index[number]) || this.idHas(span, term.word) ||
      (block !== null && rowHas(block, this.store.spans.row[span], matches[number])));
  }

  indexHas(span, words) {
    const {spans} = this.store;
    return SEARCHED_COLUMNS.some((column) => words[spans[column][span]] === 1);
  }

  idHas(span, word) {
    if (!/^[0-9a-f]{4,32}$/.test(word)) return false;
    return this.store.spanId(span).startsWith(word) || this.store.traceId(this.traceOf(span)).startsWith(word);
  }

  traceOf(span) {
    const {first} = this.store.traces;
    let low = 0, high = first.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (first[middle] <= span) low = middle; else high = middle;
    }
    return low;
  }
}

const SEARCHED_COLUMNS = ["name", "subject", "operation", "end", "error", "provider", "model", "service", "threadName"];

// Which strings hold the word; and for key=value, which are the key and which hold the value.
function matchesOf(strings, term) {
  const mark = (test) => {
    const marks = new Uint8Array(strings.length);
    strings.forEach((text, number) => { if (test(text)) marks[number] = 1; });
    return marks;
  };
  return {
    words: mark((text) => text.includes(term.word)),
    keys: term.key && mark((text) => text === term.key),
    values: term.key && mark((text) => text.includes(term.value)),
  };
}

function rowHas(block, number, matches) {
  const row = block.rows[number];
  const inText = (text) => matches.words[text] === 1;
  const inAttributes = (list) => attributesHave(list, matches);
  return inText(row[0]) || inText(row[2]) || inText(row[3]) || inAttributes(row[6]) ||
    (row[4] >= 0 && inAttributes(block.resources[row[4]])) ||
    row[7].some(([, name, list]) => inText(name) || inAttributes(list)) ||
    row[8].some(([trace, span, state, , list]) => inText(trace) || inText(span) || inText(state) || inAttributes(list));
}

function attributesHave(list, {words, keys, values}) {
  for (let at = 0; at + 2 < list.length; at += 3) {
    const key = list[at], value = list[at + 2];
    const some = (marks) => (Array.isArray(value) ? value.some((item) => marks[item] === 1) : marks[value] === 1);
    if (words[key] === 1 || some(words)) return true;
    if (keys && keys[key] === 1 && some(values)) return true;
  }
  return false;
}

// The traces that pass, in the order that is wanted. `hits`: marks of a search, or null.
function filterTraces(forest, filters, hits) {
  const passed = forest.traces.filter((trace) => tracePasses(forest.store, trace, filters, hits));
  const orders = {
    newest: (a, b) => b.number - a.number,
    oldest: (a, b) => a.number - b.number,
    slowest: (a, b) => b.duration - a.duration,
    costliest: (a, b) => b.cost - a.cost,
    tokens: (a, b) => b.tokens - a.tokens,
    errors: (a, b) => b.errors - a.errors,
  };
  return passed.sort((a, b) => orders[filters.order](a, b) || b.number - a.number);
}

function tracePasses(store, trace, filters, hits) {
  if (filters.errorsOnly && trace.errors === 0) return false;
  if (filters.slowerThan > 0 && trace.duration < filters.slowerThan) return false;
  const {spans} = store;
  const some = (test) => {
    for (let span = trace.first; span < trace.end; ++span) if (test(span)) return true;
    return false;
  };
  if (hits && !some((span) => hits[span] === 1)) return false;
  if (filters.workflow >= 0 && !some((span) => spans.name[span] === filters.workflow && store.has(span, WORK))) return false;
  if (filters.provider < 0 && filters.model < 0) return true;
  return some((span) => (filters.provider < 0 || spans.provider[span] === filters.provider) &&
    (filters.model < 0 || spans.model[span] === filters.model));
}
