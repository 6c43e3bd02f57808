// Which traces a command reads, and how it gets them into the summaries that views are made of.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporters/console/span_summary.h"
#include "exporters/input/span_input.h"
#include "exporters/views/trace_filter.h"
#include "exporters/views/usage.h"

namespace CLI {
class App;
}

namespace llmo::cli {

// Adds the argument `path`, any number of them. `paths` outlives `command`.
void add_path_argument(CLI::App& command, std::vector<std::string>& paths);

// What runs now and what has run: LLMOBSERVE_JOURNAL_DIR and LLMOBSERVE_TRACE_DIR, there or not.
std::vector<std::string> default_paths();

struct TracePaths {
  std::vector<std::string> all;
  std::string missing;  // where `all` is empty: what is not there
};

// Where none are given: the default paths, as far as they exist.
TracePaths trace_paths(const std::vector<std::string>& given);

struct TraceInput : input::InputReport {
  std::vector<console::SpanSummary> spans;
};

// Reads with progress on standard error, for input that takes long, and says there what could not be read,
// and where there is nothing at all. Spans have the filter's marks, and a group where `groups` is not null;
// those of traces that the filter has no use for are left out.
TraceInput read_traces(const TracePaths& paths, const views::TraceFilter& filter,
                       views::CallGroups* groups = nullptr);

// What could not be read, and what was left out.
void say_problems(const input::InputReport& report);

// What is to be said where `path` is given or looked at by default, and is not there.
void say_no_traces(const std::string& path);

// What is to be said where there are traces and the filter takes none of them.
void say_nothing_selected(std::size_t traces);

}  // namespace llmo::cli
