// Threads and processes of a trace: a number, a colour and a name for each, by first appearance.

const LANE_COLOURS = 8;

class Lanes {
  constructor(store, trace) {
    this.list = [];
    this.first = trace.first;
    this.bySpan = new Int32Array(trace.end - trace.first);
    const numbers = new Map(), processes = new Set(), services = new Set();
    for (let span = trace.first; span < trace.end; ++span) {
      const {process, thread} = store.spans;
      const key = `${process[span]}/${thread[span]}`;
      if (!numbers.has(key)) {
        numbers.set(key, this.list.length);
        this.list.push({process: process[span], thread: thread[span], number: store.spans.threadNumber[span],
          service: store.text("service", span), threadName: store.text("threadName", span), spans: 0});
        processes.add(process[span]);
        services.add(store.text("service", span));
      }
      const lane = numbers.get(key);
      ++this.list[lane].spans;
      this.bySpan[span - trace.first] = lane;
    }
    this.severalProcesses = processes.size > 1;
    this.severalServices = services.size > 1;
  }

  of(span) { return this.bySpan[span - this.first]; }
  colour(lane) { return `var(--lane-${lane % LANE_COLOURS})`; }

  // `thread 2`, with the process where there are several.
  name(lane) {
    const {process, thread, number, service} = this.list[lane];
    const words = [];
    if (this.severalServices && service) words.push(service);
    if (this.severalProcesses) words.push(process ? `process ${process}` : "unknown process");
    if (thread) words.push(`thread ${number}`);
    return words.join(" · ") || "unknown thread";
  }

  // All that is known of it.
  title(lane) {
    const {process, thread, service, threadName} = this.list[lane];
    return [service, process ? `process ${process}` : "", thread ? `thread id ${thread}` : "", threadName && `“${threadName}”`]
      .filter(Boolean).join(", ");
  }
}
