// Reads traces from files and folders into the summaries that a tree is made of.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporters/console/span_summary.h"
#include "exporters/file/otlp_json_reader.h"

namespace llmo::cli {

// The trace files of a folder (`*.jsonl`, not of the folders in it) by name, which begins with the service
// and goes on with the time.
std::vector<std::string> trace_files_in(const std::string& directory);

struct TraceInput {
  std::vector<console::SpanSummary> spans;
  file::ReadCounts counts;
  std::size_t files = 0;
  std::vector<std::string> problems;  // a sentence for each path that could not be read
};

// `paths`: files and folders; `-` is standard input. `show_progress`: on standard error, for input that takes
// long.
TraceInput read_traces(const std::vector<std::string>& paths, bool show_progress);

}  // namespace llmo::cli
