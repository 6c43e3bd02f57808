#include "exporters/views/trace_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace llmo::views {
namespace {

// Bits of SpanSummary::marks.
constexpr std::uint8_t kMeetsConditions = 1;
constexpr std::uint8_t kIsWorkflow = 2;

constexpr std::string_view kWorkflowPrefix = "workflow.";

std::string_view text_of(const Span& span, std::string_view key) {
  const AttributeValue* const value = find_attribute(span.attributes, key);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::vector<filter::Glob> globs_of(const std::vector<std::string>& patterns) {
  std::vector<filter::Glob> globs;
  for (const std::string& pattern : patterns) globs.emplace_back(pattern);
  return globs;
}

// Whether one of the attributes, where it is there, matches one of the globs.
bool any_matches(const std::vector<filter::Glob>& globs, const Span& span,
                 std::initializer_list<std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const std::string_view value = text_of(span, key);
    return !value.empty() && std::any_of(globs.begin(), globs.end(),
                                         [value](const filter::Glob& glob) { return glob.matches(value); });
  });
}

}  // namespace

bool FilterOptions::empty() const {
  return workflows.empty() && providers.empty() && models.empty() && !errors && !slower_than_nanos &&
         !since_unix_nanos && trace.empty() && !last;
}

WorkflowPattern::WorkflowPattern(const std::string& pattern)
    : glob_(pattern), qualified_(pattern.find("::") != std::string::npos) {}

bool WorkflowPattern::matches(const Span& span) const {
  if (qualified_) return glob_.matches(text_of(span, "code.function.name"));
  std::string_view name = span.name;
  if (glob_.matches(name)) return true;
  if (!name.starts_with(kWorkflowPrefix)) return false;
  name.remove_prefix(kWorkflowPrefix.size());
  return glob_.matches(name);
}

TraceFilter::TraceFilter(const FilterOptions& options)
    : options_(options), providers_(globs_of(options.providers)), models_(globs_of(options.models)) {
  for (const std::string& pattern : options.workflows) workflows_.emplace_back(pattern);
}

bool TraceFilter::leaves_out(const TraceId& trace) const {
  if (options_.trace.empty()) return false;
  return !fmt::format("{:016x}{:016x}", trace.high, trace.low).starts_with(options_.trace);
}

bool TraceFilter::meets_conditions(const Span& span) const {
  if (options_.errors && span.status != StatusCode::kError) return false;
  // A file may say that a span ended before it began.
  const std::uint64_t end = std::max(span.start_unix_nanos, span.end_unix_nanos);
  if (options_.slower_than_nanos && end - span.start_unix_nanos <= *options_.slower_than_nanos) return false;
  if (!providers_.empty() &&
      !any_matches(providers_, span, {"gen_ai.provider.name", "gen_ai.system", "db.system.name"})) {
    return false;
  }
  return models_.empty() || any_matches(models_, span, {"gen_ai.request.model", "gen_ai.response.model"});
}

bool TraceFilter::is_workflow(const Span& span) const {
  return std::any_of(workflows_.begin(), workflows_.end(),
                     [&span](const WorkflowPattern& pattern) { return pattern.matches(span); });
}

console::SpanSummary TraceFilter::summarise(const Span& span) const {
  console::SpanSummary summary = console::summarise(span);
  if (meets_conditions(span)) summary.marks |= kMeetsConditions;
  if (is_workflow(span)) summary.marks |= kIsWorkflow;
  return summary;
}

bool TraceFilter::names_workflow(const console::SpanSummary& span) { return (span.marks & kIsWorkflow) != 0; }

bool TraceFilter::takes(const console::Forest& forest, const console::TraceSlice& trace) const {
  const auto first = forest.nodes.begin() + trace.first_node;
  const auto end = forest.nodes.begin() + trace.end_node;
  if (options_.since_unix_nanos && std::none_of(first, end, [this](const console::TreeNode& node) {
        return node.span.end_unix_nanos >= *options_.since_unix_nanos;
      })) {
    return false;
  }
  if (!workflows_.empty()) return meets_within_workflow(forest, trace);
  return std::any_of(first, end,
                     [](const console::TreeNode& node) { return (node.span.marks & kMeetsConditions) != 0; });
}

// Walks down from each workflow; what two of them share is walked once.
bool TraceFilter::meets_within_workflow(const console::Forest& forest,
                                        const console::TraceSlice& trace) const {
  constexpr std::uint32_t kNil = console::TreeNode::kNil;
  std::vector<bool> seen(trace.end_node - trace.first_node);
  std::vector<std::uint32_t> todo;
  const auto add = [&](std::uint32_t node) {
    if (!seen[node - trace.first_node]) todo.push_back(node);
    seen[node - trace.first_node] = true;
  };
  for (std::uint32_t top = trace.first_node; top < trace.end_node; ++top) {
    if (names_workflow(forest.nodes[top].span)) add(top);
    while (!todo.empty()) {
      const console::TreeNode& node = forest.nodes[todo.back()];
      todo.pop_back();
      if ((node.span.marks & kMeetsConditions) != 0) return true;
      for (auto child = node.first_child; child != kNil; child = forest.nodes[child].next_sibling) add(child);
    }
  }
  return false;
}

std::vector<console::TraceSlice> TraceFilter::select(const console::Forest& forest) const {
  std::vector<console::TraceSlice> selected;
  for (const console::TraceSlice& trace : forest.traces) {
    if (takes(forest, trace)) selected.push_back(trace);
  }
  if (options_.last && selected.size() > *options_.last) {
    selected.erase(selected.begin(), selected.end() - static_cast<std::ptrdiff_t>(*options_.last));
  }
  return selected;
}

}  // namespace llmo::views
