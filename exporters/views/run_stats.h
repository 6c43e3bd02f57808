// What runs of a workflow, or calls of a model, come to.
#pragma once

#include <cstdint>
#include <optional>

#include "exporters/console/trace_tree.h"
#include "exporters/views/percentiles.h"

namespace llmo::views {

struct RunStats {
  std::uint64_t runs = 0;
  std::uint64_t errors = 0;  // runs that ended in one
  std::uint64_t open = 0;    // runs that have not ended: their latency is not counted
  Percentiles latency_nanos;
  Percentiles first_token_nanos;  // from the start of a run to the first token that a call in it got

  // Of all calls in the runs.
  std::uint64_t calls = 0;
  std::uint64_t failed_calls = 0;
  console::Tokens tokens;
  std::optional<double> cost_usd;  // nothing where no call has a known cost

  // Of the run with most.
  std::uint64_t max_tokens = 0;
  double max_cost_usd = 0;

  void add(const console::SpanSummary& run, const console::Totals& totals,
           std::optional<std::uint64_t> first_token_after);
};

}  // namespace llmo::views
