// Reads lines of OTLP JSON, ours and those of others.
//
// Believes nothing: a line that is not a JSON traces request is skipped and counted; unknown fields are
// ignored; a span without valid ids is skipped and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "exporters/span/span.h"

namespace llmo::file {

struct ReadCounts {
  std::uint64_t lines = 0;  // that held a traces request
  std::uint64_t spans = 0;
  std::uint64_t damaged_lines = 0;  // skipped; also the cut-off last line of a file that is being written
  std::uint64_t damaged_spans = 0;  // skipped
};

using SpanCallback = std::function<void(Span&&)>;

// Reads one line (without its newline) and hands each span over. Returns false where the line is damaged: no
// span of it has been handed over then.
bool read_otlp_json_line(std::string_view line, const SpanCallback& take, ReadCounts& counts);

}  // namespace llmo::file
