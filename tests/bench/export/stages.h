// How far spans go on their way out, stage by stage, and what that takes of one processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace llmo::bench {

enum class Stage {
  kCopy,      // the journal's bytes are read, and nothing else
  kDecode,    // records are told apart and checked
  kSpans,     // they are spans, with all their attributes
  kProtobuf,  // and OTLP protobuf, a request a batch
  kGzip,      // and that packed
  kJson,      // or OTLP JSON, a line a batch
};

struct Run {
  double nanos = 0;  // processor time, of the thread that does all of it
  std::size_t spans = 0;
  std::size_t bytes = 0;  // that come out
};

// Reads the journal at `path` to its end, batch by batch as the exporter does, and gives its blocks back.
Run run_stage(Stage stage, const std::string& path, std::uint64_t ticks_per_second);

}  // namespace llmo::bench
