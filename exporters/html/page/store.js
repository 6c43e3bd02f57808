// The data of the page: read once by columns (index), and block by block what details need.
// exporters/html/index_json.h says what stands in the index, detail_block.h what in a block.

const FAILED = 1, CALL = 2, OPEN = 4, WORK = 8;
const ROOT_WORDS = ["", "", "parent in another process or service", "parent missing", "parent still open",
  "its own ancestor"];
const KIND_WORDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];

class Store {
  constructor(about, index) {
    this.about = about;
    this.strings = index.strings;
    this.traces = index.traces;
    this.spans = index.spans;
    this.spans.provider = index.spans.group.map((group) => index.groups.provider[group]);
    this.spans.model = index.spans.group.map((group) => index.groups.model[group]);
    this.spanCount = index.spans.parent.length;
    this.traceCount = index.traces.first.length;
    this.blocks = new Map();
  }

  static async open() {
    const about = JSON.parse(byId("data").textContent);
    if (typeof DecompressionStream === "undefined") throw new Error("This browser is too old: it cannot unpack the page's data.");
    return new Store(about, await unpack(about.index));
  }

  text(column, span) { return this.strings[this.spans[column][span]]; }
  has(span, flag) { return (this.spans.flags[span] & flag) !== 0; }
  spanId(span) { return this.spans.id.substr(span * 16, 16); }
  traceId(trace) { return this.traces.id.substr(trace * 32, 32); }
  firstSpan(trace) { return this.traces.first[trace]; }
  endSpan(trace) { return trace + 1 < this.traceCount ? this.traces.first[trace + 1] : this.spanCount; }

  // Number of the trace whose id this is, or -1.
  findTrace(id) {
    if (!this.traceNumbers) {
      this.traceNumbers = new Map();
      for (let trace = 0; trace < this.traceCount; ++trace) this.traceNumbers.set(this.traceId(trace), trace);
    }
    return this.traceNumbers.get(id) ?? -1;
  }

  findSpan(trace, id) {
    for (let span = this.firstSpan(trace); span < this.endSpan(trace); ++span) {
      if (this.spanId(span) === id) return span;
    }
    return -1;
  }

  // A promise of the block, unpacked when it is first asked for; of null where it is not in the page.
  block(number) {
    let block = this.blocks.get(number);
    if (!block) {
      const element = byId(`block-${number}`);
      block = element ? unpack(element.textContent) : Promise.resolve(null);
      this.blocks.set(number, block);
    }
    return block;
  }

  async details(span) {
    const block = await this.block(this.spans.block[span]);
    return block && new Details(block, block.rows[this.spans.row[span]]);
  }
}

// One row of a block, with its texts.
class Details {
  constructor(block, row) {
    const text = (number) => block.strings[number];
    const attributes = (list) => attributesOf(list, text);
    this.message = text(row[0]);
    this.flags = row[1];
    this.tracestate = text(row[2]);
    this.scope = text(row[3]);
    this.resource = row[4] < 0 ? [] : attributes(block.resources[row[4]]);
    [this.droppedAttributes, this.droppedEvents, this.droppedLinks] = row[5];
    this.attributes = attributes(row[6]);
    this.events = row[7].map(([offset, name, list]) => ({offset, name: text(name), attributes: attributes(list)}));
    this.links = row[8].map(([trace, span, state, flags, list]) => (
      {trace: text(trace), span: text(span), tracestate: text(state), flags, attributes: attributes(list)}));
    this.leftOut = row[9];
  }
}

function attributesOf(list, text) {
  const attributes = [];
  for (let at = 0; at + 2 < list.length; at += 3) {
    const value = list[at + 2];
    attributes.push({key: text(list[at]), type: list[at + 1], value: Array.isArray(value) ? value.map(text) : text(value)});
  }
  return attributes;
}

async function unpack(base64) {
  const packed = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(packed).text());
}

function bytesOf(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; ++at) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
