// Reads files of OTLP JSON lines, ours and those of others, for `llmobserve tree` and its kin.
//
// Believes nothing: a line that is not a JSON traces request is skipped and counted; unknown fields are
// ignored; a span without valid ids is skipped and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

// Reads a whole file. Returns false, with errno, where it cannot be opened or read.
bool read_otlp_json_file(const std::string& path, const SpanCallback& take, ReadCounts& counts);

// The same into memory.
bool read_otlp_json_file(const std::string& path, std::vector<Span>& spans, ReadCounts& counts);

}  // namespace llmo::file
