// llmobserve tree --follow: each trace when it is at its end, and on a terminal what is open until then.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exporters/console/tree_view.h"
#include "exporters/views/trace_filter.h"

namespace llmo::cli {

struct FollowOptions {
  std::vector<std::string> paths;
  const views::TraceFilter& filter;
  std::function<console::ViewOptions()> view;  // asked for each trace: a terminal changes its width
};

// Prints to standard output until SIGINT, SIGTERM or SIGHUP comes, or nobody reads any more. Traces that were
// at their end before are not shown. Returns the exit code of the program.
int follow_traces(const FollowOptions& options);

}  // namespace llmo::cli
