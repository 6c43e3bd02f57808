// Which functions become workflow spans: see function_filter.h.
#include "shim/filter/function_filter.h"

#include <algorithm>

#include "shim/config/settings.h"
#include "shim/config/text.h"

namespace llmo::filter {
namespace {

// What stands behind the `!` of an entry; nothing where it has none.
std::optional<std::string_view> negated(std::string_view entry) {
  if (!entry.starts_with('!')) return std::nullopt;
  return config::trim(entry.substr(1));
}

// `acme::Planner` of `acme::Planner::plan_agent`. Cut by length, as the own name may hold `::` itself
// (`operator acme::Plan`).
std::string_view enclosing_scope(const FunctionIdentity& function) {
  std::string_view scope = function.qualified;
  if (!scope.ends_with(function.own)) return {};
  scope.remove_suffix(function.own.size());
  if (scope.ends_with("::")) scope.remove_suffix(2);
  return scope;
}

template <typename Rules, typename Test>
auto find_rule(const Rules& rules, Test test) -> decltype(rules.data()) {
  const auto found = std::find_if(rules.begin(), rules.end(), test);
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace

FunctionFilter::FunctionFilter(std::string_view function_patterns, std::string_view exclude_modules) {
  add_patterns(function_patterns);
  if (takes_.empty() && !takes_out_.empty()) add_patterns(config::kDefaultFunctionPatterns);
  add_rules(exclude_modules);
}

void FunctionFilter::add_patterns(std::string_view list) {
  config::for_each_entry(list, [this](std::string_view entry) {
    const std::optional<std::string_view> out = negated(entry);
    const std::string_view pattern = out.value_or(entry);
    if (pattern.empty()) return;
    const bool qualified = pattern.find("::") != std::string_view::npos;
    const std::string_view glob = pattern.substr(pattern.starts_with("::") ? 2 : 0);
    (out ? takes_out_ : takes_).push_back({std::string{entry}, Glob{glob}, qualified});
  });
}

void FunctionFilter::add_rules(std::string_view list) {
  config::for_each_entry(list, [this](std::string_view entry) {
    const std::optional<std::string_view> kept = negated(entry);
    if (!kept) {
      excludes_.emplace_back(entry);
    } else if (!kept->empty()) {
      keeps_.emplace_back(*kept);
    }
  });
}

bool FunctionFilter::Pattern::takes(const FunctionIdentity& function) const {
  return glob.matches(qualified ? function.qualified : function.own);
}

const ModuleRule* FunctionFilter::exclusion_of(Match match, std::string_view name) const {
  const auto matches = [&](const ModuleRule& rule) { return (rule.*match)(name); };
  const ModuleRule* const rule = find_rule(excludes_, matches);
  return rule != nullptr && find_rule(keeps_, matches) == nullptr ? rule : nullptr;
}

// Patterns first: most functions match none, and that is the cheap half.
Decision FunctionFilter::decide(const FunctionIdentity& function) const {
  const auto takes = [&](const Pattern& pattern) { return pattern.takes(function); };
  const Pattern* const taken = find_rule(takes_, takes);
  if (taken == nullptr) return {Verdict::kNoMatch, Ground::kNothing, {}};

  if (const Pattern* out = find_rule(takes_out_, takes)) {
    return {Verdict::kExcluded, Ground::kName, out->text};
  }
  if (const ModuleRule* rule = exclusion_of(&ModuleRule::matches_object, function.module_path)) {
    return {Verdict::kExcluded, Ground::kObjectFile, rule->text()};
  }
  if (const ModuleRule* rule = exclusion_of(&ModuleRule::matches_scope, enclosing_scope(function))) {
    return {Verdict::kExcluded, Ground::kNamespace, rule->text()};
  }
  return {Verdict::kTraced, Ground::kName, taken->text};
}

std::optional<std::string_view> FunctionFilter::excluded_by_source(std::string_view path) const {
  const ModuleRule* const rule = exclusion_of(&ModuleRule::matches_source, path);
  if (rule == nullptr) return std::nullopt;
  return rule->text();
}

bool FunctionFilter::wants_source() const { return !excludes_.empty(); }

bool FunctionFilter::matches_nothing() const {
  const auto everything = [](const Pattern& pattern) { return pattern.glob.matches_everything(); };
  const auto every_module = [](const ModuleRule& rule) { return rule.matches_everything(); };
  return takes_.empty() || find_rule(takes_out_, everything) != nullptr ||
         (keeps_.empty() && find_rule(excludes_, every_module) != nullptr);
}

}  // namespace llmo::filter
