#include "exporters/views/run_stats.h"

#include <algorithm>

namespace llmo::views {

void RunStats::add(const console::SpanSummary& run, const console::Totals& totals,
                   std::optional<std::uint64_t> first_token_after) {
  ++runs;
  if (run.failed) ++errors;
  if (run.open) {
    ++open;
  } else {
    latency_nanos.add(run.end_unix_nanos - run.start_unix_nanos);
  }
  if (first_token_after) first_token_nanos.add(*first_token_after);
  calls += totals.calls;
  failed_calls += totals.failed_calls;
  if (totals.tokens) {
    tokens += *totals.tokens;
    max_tokens = std::max(max_tokens, totals.tokens->all());
  }
  if (totals.cost_usd) {
    cost_usd = cost_usd.value_or(0) + *totals.cost_usd;
    max_cost_usd = std::max(max_cost_usd, *totals.cost_usd);
  }
}

}  // namespace llmo::views
