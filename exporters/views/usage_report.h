// Usage as people and as programs read it.
#pragma once

#include <cstddef>
#include <string>

#include "exporters/views/usage.h"

namespace llmo::views {

struct UsageReportOptions {
  std::size_t width = 0;  // as draw_table() has it
  bool colour = false;
  std::size_t rows = 0;  // of each table; 0: all
};

// Two tables, workflows and models, and a line that sums up.
std::string usage_text(const Usage& usage, const UsageReportOptions& options);

// One JSON object: `workflows`, `models`, `total`. Seconds, tokens and US dollars; what is not known is null.
std::string usage_json(const Usage& usage);

}  // namespace llmo::views
