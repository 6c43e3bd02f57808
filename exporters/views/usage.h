// Who spends time, tokens and money: by workflow and by model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporters/console/trace_tree.h"
#include "exporters/views/run_stats.h"

namespace llmo::views {

// The models, databases and other APIs that calls go to, by numbers from 1 on.
class CallGroups {
 public:
  struct Group {
    std::string provider;  // printable, as the model
    std::string model;     // of a database: the collection; may be empty
  };

  // For SpanSummary::group; 0 where the span is no call to a known provider or database. Beyond kMax groups
  // all others are one.
  std::uint32_t group_of(const Span& span);
  const Group& operator[](std::uint32_t group) const { return groups_[group - 1]; }
  std::size_t size() const { return groups_.size(); }

  static constexpr std::size_t kMax = 10'000;

 private:
  std::vector<Group> groups_;
  std::map<std::pair<std::string, std::string>, std::uint32_t, std::less<>> numbers_;
};

struct WorkflowUsage {
  std::string name;
  RunStats stats;
};

struct ModelUsage {
  std::string provider;
  std::string model;
  RunStats stats;
};

// A workflow's numbers include all that runs beneath it, so those of several workflows can stand for the same
// calls; the numbers of models never do.
struct Usage {
  std::vector<WorkflowUsage> workflows;
  std::vector<ModelUsage> models;
  RunStats all;  // traces, each as one run
};

enum class UsageOrder { kCost, kCalls, kP95, kErrors, kTokens };

class UsageCounter {
 public:
  explicit UsageCounter(const CallGroups& groups) : groups_(groups) {}

  void add(const console::Forest& forest, const console::TraceSlice& trace);

  // Largest first.
  Usage usage(UsageOrder order) const;

 private:
  std::uint32_t workflow_of(const std::string& name);

  const CallGroups& groups_;
  std::vector<WorkflowUsage> workflows_;
  std::unordered_map<std::string, std::uint32_t> workflow_numbers_;
  std::vector<RunStats> models_;  // by group, from 0 on
  RunStats all_;
};

}  // namespace llmo::views
