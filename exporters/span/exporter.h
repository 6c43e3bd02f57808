// Where finished spans go. The file, the console and every later destination are exporters.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "exporters/span/span.h"

namespace llmo {

// What became of the spans that a destination was given.
struct ExportCounts {
  std::uint64_t exported = 0;  // spans that the other side has taken
  std::uint64_t dropped = 0;   // spans that it refused for good
  std::uint64_t retried = 0;   // attempts after the first, of whatever size
};

// One thread calls all of these, one at a time.
class Exporter {
 public:
  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  virtual ~Exporter() = default;

  // What it is called in logs and reports: `otlp`, `clickhouse`, `console`.
  virtual std::string name() const = 0;

  // Takes a batch: never empty, in no particular order, possibly of several processes. Spans of one trace may
  // come in several batches. Returns false where the batch, or the rest of it, could not be taken now; the
  // same batch comes again later then, and nothing else before it. What is refused for good counts as taken.
  virtual bool export_batch(std::span<const Span> spans) = 0;

  // Both about the last export_batch() that returned false: one sentence, without secrets; and how long it
  // would be useless to try again (zero: the caller goes at its own pace).
  virtual std::string problem() const { return {}; }
  virtual std::chrono::milliseconds retry_in() const { return {}; }

  // Since the exporter was made; nothing where it keeps no count.
  virtual ExportCounts counts() const { return {}; }

  // One sentence for the log on what was refused or warned about since the last call; empty where nothing
  // was.
  virtual std::string take_warning() { return {}; }

  // Whether each batch costs a round trip, so that spans may wait for others to fill it
  // (OTEL_BSP_SCHEDULE_DELAY).
  virtual bool remote() const { return false; }

  // No batch comes after this. Called once, also where the last batch could not be taken.
  virtual void end_of_session() {}
};

}  // namespace llmo
