#include "exporters/views/gate.h"

#include <fmt/format.h>

#include <utility>

#include "exporters/console/text.h"
#include "exporters/views/runs.h"
#include "exporters/views/trace_filter.h"

namespace llmo::views {
namespace {

using console::format_count;
using console::format_usd;

std::string percent_text(double share) { return fmt::format("{:.3g} %", share * 100); }

class Checks {
 public:
  // `text` says a value as people read it.
  template <typename Number, typename Text>
  void add(const char* what, const std::optional<Number>& limit, const std::optional<Number>& measured,
           double unit, Text text) {
    if (!limit) return;
    GateCheck check{what,         measured ? text(*measured) : std::string(), text(*limit),
                    std::nullopt, static_cast<double>(*limit) * unit,         false};
    if (measured) check.value = static_cast<double>(*measured) * unit;
    check.passed = measured && *measured <= *limit;
    list_.push_back(std::move(check));
  }

  std::vector<GateCheck> take() { return std::move(list_); }

 private:
  std::vector<GateCheck> list_;
};

}  // namespace

bool GateLimits::empty() const {
  return !cost_usd && !total_cost_usd && !tokens && !total_tokens && !p50_nanos && !p95_nanos &&
         !latency_nanos && !errors && !error_rate && !failed_calls;
}

RunStats gate_runs(const console::Forest& forest, const std::vector<console::TraceSlice>& traces,
                   bool whole_traces) {
  RunStats stats;
  const KindOf kind_of = [&](const console::TreeNode& node) -> std::optional<std::uint32_t> {
    const bool top = node.parent == console::TreeNode::kNil && (node.span.is_work || node.span.is_call);
    const bool is_run = whole_traces ? top : TraceFilter::names_workflow(node.span);
    return is_run ? std::optional<std::uint32_t>(0) : std::nullopt;
  };
  for (const console::TraceSlice& trace : traces) {
    for_each_run(forest, trace, kind_of, [&stats](std::uint32_t, const TracedRun& run) {
      stats.add(run.node.span, run.node.totals, run.first_token_after);
    });
  }
  return stats;
}

std::vector<GateCheck> check_limits(const RunStats& runs, const GateLimits& limits) {
  constexpr double kSecondsPerNano = 1e-9;
  using Count = std::optional<std::uint64_t>;
  const auto usd = [](double value) { return format_usd(value); };
  const auto count = [](std::uint64_t value) { return format_count(value); };
  const auto time = [](std::uint64_t value) { return console::format_duration(value); };
  const bool any = runs.runs != 0;
  const auto of_runs = [any](auto value) { return any ? std::optional(value) : std::nullopt; };
  const Count slowest = runs.latency_nanos.count() == 0 ? Count() : Count(runs.latency_nanos.max());
  // Runs without any call cost nothing for sure; with calls, somebody has to know.
  const bool cost_known = runs.cost_usd || runs.calls == 0;
  const auto cost = [&](double value) { return any && cost_known ? std::optional(value) : std::nullopt; };

  Checks checks;
  checks.add("cost of a run", limits.cost_usd, cost(runs.max_cost_usd), 1, usd);
  checks.add("cost of all runs", limits.total_cost_usd, cost(runs.cost_usd.value_or(0)), 1, usd);
  checks.add("tokens of a run", limits.tokens, of_runs(runs.max_tokens), 1, count);
  checks.add("tokens of all runs", limits.total_tokens, of_runs(runs.tokens.all()), 1, count);
  checks.add("latency p50", limits.p50_nanos, runs.latency_nanos.at(50), kSecondsPerNano, time);
  checks.add("latency p95", limits.p95_nanos, runs.latency_nanos.at(95), kSecondsPerNano, time);
  checks.add("latency of a run", limits.latency_nanos, slowest, kSecondsPerNano, time);
  checks.add("errors", limits.errors, of_runs(runs.errors), 1, count);
  const auto rate = static_cast<double>(runs.errors) / static_cast<double>(any ? runs.runs : 1);
  checks.add("error rate", limits.error_rate, of_runs(rate), 1, percent_text);
  checks.add("failed calls", limits.failed_calls, of_runs(runs.failed_calls), 1, count);
  return checks.take();
}

}  // namespace llmo::views
