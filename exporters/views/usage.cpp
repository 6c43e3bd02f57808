#include "exporters/views/usage.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <tuple>

#include "exporters/console/text.h"
#include "exporters/views/runs.h"

namespace llmo::views {
namespace {

using console::TreeNode;

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxWorkflows = 100'000;  // names; those beyond are one
constexpr char kOthers[] = "(others)";

// The first of the attributes that is there.
std::string text_of(const Span& span, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const AttributeValue* const value = find_attribute(span.attributes, key);
    const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    if (text != nullptr) return console::printable(std::string_view(*text).substr(0, kMaxNameBytes));
  }
  return {};
}

CallGroups::Group group_named_by(const Span& span) {
  if (span.kind != SpanKind::kClient) return {};
  CallGroups::Group group{text_of(span, {"gen_ai.provider.name", "gen_ai.system"}),
                          text_of(span, {"gen_ai.request.model", "gen_ai.response.model"})};
  if (!group.provider.empty() || !group.model.empty()) return group;
  return {text_of(span, {"db.system.name", "db.system"}), text_of(span, {"db.collection.name"})};
}

double order_key(const RunStats& stats, UsageOrder order) {
  switch (order) {
    case UsageOrder::kCost:
      // A sum of what a file says may be no number, which has no place in an order.
      return stats.cost_usd && !std::isnan(*stats.cost_usd) ? *stats.cost_usd : -1;
    case UsageOrder::kCalls:
      return static_cast<double>(stats.runs);
    case UsageOrder::kP95:
      return static_cast<double>(stats.latency_nanos.at(95).value_or(0));
    case UsageOrder::kErrors:
      return static_cast<double>(stats.errors);
    case UsageOrder::kTokens:
      return static_cast<double>(stats.tokens.all());
  }
  return 0;
}

// What is alike by the order that was asked for: the slowest in all first, then by name.
template <typename Row, typename NameOf>
void sort_rows(std::vector<Row>& rows, UsageOrder order, NameOf name_of) {
  struct Key {
    double first;
    double second;
    std::size_t index;
  };
  std::vector<Key> keys;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const RunStats& stats = rows[index].stats;
    keys.push_back({order_key(stats, order), static_cast<double>(stats.runs), index});
  }
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (a.first != b.first) return a.first > b.first;
    if (a.second != b.second) return a.second > b.second;
    return name_of(rows[a.index]) < name_of(rows[b.index]);
  });
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  for (const Key& key : keys) sorted.push_back(std::move(rows[key.index]));
  rows = std::move(sorted);
}

}  // namespace

std::uint32_t CallGroups::group_of(const Span& span) {
  Group group = group_named_by(span);
  if (group.provider.empty() && group.model.empty()) return 0;
  std::pair<std::string, std::string> key(std::move(group.provider), std::move(group.model));
  if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
  if (groups_.size() >= kMax) return kMax;
  if (groups_.size() + 1 == kMax) key = {kOthers, ""};
  groups_.push_back({key.first, key.second});
  const auto number = static_cast<std::uint32_t>(groups_.size());
  numbers_.emplace(std::move(key), number);
  return number;
}

std::uint32_t UsageCounter::workflow_of(const std::string& name) {
  const bool full = workflows_.size() + 1 >= kMaxWorkflows;
  const auto [place, fresh] = full && workflow_numbers_.count(name) == 0
                                  ? workflow_numbers_.try_emplace(kOthers, workflows_.size())
                                  : workflow_numbers_.try_emplace(name, workflows_.size());
  if (fresh) workflows_.push_back({place->first, {}});
  return place->second;
}

void UsageCounter::add(const console::Forest& forest, const console::TraceSlice& trace) {
  const auto by_name = [this](const TreeNode& node) -> std::optional<std::uint32_t> {
    if (!node.span.is_work) return std::nullopt;
    return workflow_of(node.span.name);
  };
  for_each_run(forest, trace, by_name, [this](std::uint32_t kind, const TracedRun& run) {
    workflows_[kind].stats.add(run.node.span, run.node.totals, run.first_token_after);
  });
  const auto top = [](const TreeNode& node) -> std::optional<std::uint32_t> {
    const bool is_run = node.parent == TreeNode::kNil && (node.span.is_work || node.span.is_call);
    return is_run ? std::optional<std::uint32_t>(0) : std::nullopt;
  };
  for_each_run(forest, trace, top, [this](std::uint32_t, const TracedRun& run) {
    all_.add(run.node.span, run.node.totals, run.first_token_after);
  });
  for_each_deepest(forest, trace, [this](const TreeNode& node) {
    if (node.span.group > models_.size()) models_.resize(node.span.group);
    const std::uint64_t first = node.span.first_token_nanos;
    models_[node.span.group - 1].add(node.span, node.totals,
                                     first == 0 ? std::nullopt : std::optional(first));
  });
}

Usage UsageCounter::usage(UsageOrder order) const {
  Usage usage{workflows_, {}, all_};
  for (std::uint32_t group = 1; group <= models_.size(); ++group) {
    if (models_[group - 1].runs == 0) continue;
    usage.models.push_back({groups_[group].provider, groups_[group].model, models_[group - 1]});
  }
  sort_rows(usage.workflows, order, [](const WorkflowUsage& row) { return row.name; });
  sort_rows(usage.models, order, [](const ModelUsage& row) { return std::tie(row.provider, row.model); });
  return usage;
}

}  // namespace llmo::views
