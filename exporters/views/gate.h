// Whether runs of a workflow keep within limits: what a build server asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporters/console/trace_tree.h"
#include "exporters/views/run_stats.h"

namespace llmo::views {

// Only those that are set are checked.
struct GateLimits {
  std::optional<double> cost_usd{};             // of each run
  std::optional<double> total_cost_usd{};       // of all runs
  std::optional<std::uint64_t> tokens{};        // of each run
  std::optional<std::uint64_t> total_tokens{};  // of all runs
  std::optional<std::uint64_t> p50_nanos{};
  std::optional<std::uint64_t> p95_nanos{};
  std::optional<std::uint64_t> latency_nanos{};  // of each run
  std::optional<std::uint64_t> errors{};         // runs that ended in an error
  std::optional<double> error_rate{};            // the same, of all runs; 0 to 1
  std::optional<std::uint64_t> failed_calls{};   // API calls in the runs that failed

  bool empty() const;
};

struct GateCheck {
  std::string what;      // `cost of a run`
  std::string measured;  // for people; empty where nothing could be measured
  std::string limit;
  std::optional<double> value;  // seconds, US dollars, or a count; nothing: no run has told it
  double most = 0;
  bool passed = false;
};

// Adds up the runs of what the filter's workflow patterns name (TraceFilter::names_workflow), or whole
// traces.
RunStats gate_runs(const console::Forest& forest, const std::vector<console::TraceSlice>& traces,
                   bool whole_traces);

// One for each limit that is set. What nobody has told does not pass: a cost that is not known is no cost of
// nothing.
std::vector<GateCheck> check_limits(const RunStats& runs, const GateLimits& limits);

}  // namespace llmo::views
