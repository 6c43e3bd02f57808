// Which functions become workflow spans: LLMOBSERVE_FUNCTION_PATTERNS and LLMOBSERVE_EXCLUDE_MODULES.
//
// Plain text in, a decision out: nothing here knows of addresses, modules in memory or files.
//
// A function is traced if a pattern takes it, no `!` pattern takes it out and no exclusion rule takes its
// module.
//
//   plan_*           held against the own name                `plan_agent` of `acme::Planner::plan_agent`
//   acme::*_agent    with `::`: against the qualified name, whole; a leading `::` stands before it
//   *                every function
//   !debug_*         takes functions out again, wherever in the list it stands. A list of nothing else
//                    takes out of the default patterns.
//
// Patterns are globs (glob.h), case counts, and a comma parts two of them even inside `[...]`. How exclusion
// rules match is said in module_rule.h; one that starts with `!` keeps the names that it matches from being
// excluded by another rule. Both lists can be made empty by a lone comma.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/filter/glob.h"
#include "shim/filter/module_rule.h"

namespace llmo::filter {

// A function as the symbolizer names it. Views, not owned.
struct FunctionIdentity {
  std::string_view
      qualified;         // `acme::Planner::plan_agent`: no parameters, no template arguments, no suffixes
  std::string_view own;  // `plan_agent`: the last part of `qualified`
  std::string_view module_path;  // path of the object file; `/opt/x/libacme.so.3`
};

enum class Verdict : unsigned char { kNoMatch, kExcluded, kTraced };

// What the rule that decided was held against.
enum class Ground : unsigned char { kNothing, kName, kObjectFile, kNamespace, kSourceFile };

// The decision and the rule that made it, for people (`llmobserve functions`). `rule` is the pattern as it
// was written, empty where nothing matched.
struct Decision {
  Verdict verdict;
  Ground ground;
  std::string_view rule;
};

// Threads: all const functions at any number at once. Signals: they neither allocate nor lock.
class FunctionFilter {
 public:
  // Both lists as their variables hold them: comma-separated, blanks trimmed, empty entries ignored.
  // A `[` that is never closed is taken literally. The filter keeps copies of its own.
  FunctionFilter(std::string_view function_patterns, std::string_view exclude_modules);

  // Everything but the source path, which is costly to find: kTraced here is final only if
  // excluded_by_source() says no for the function's source file.
  Decision decide(const FunctionIdentity& function) const;

  // The exclusion rule that takes the source file `path` out, if any.
  std::optional<std::string_view> excluded_by_source(std::string_view path) const;

  // False where no exclusion rule exists: then the source path need not be looked up.
  bool wants_source() const;

  // True if no function can match at all.
  bool matches_nothing() const;

 private:
  struct Pattern {
    std::string text;
    Glob glob;
    bool qualified;

    bool takes(const FunctionIdentity& function) const;
  };

  void add_patterns(std::string_view list);
  void add_rules(std::string_view list);

  using Match = bool (ModuleRule::*)(std::string_view) const;
  const ModuleRule* exclusion_of(Match match, std::string_view name) const;

  std::vector<Pattern> takes_;
  std::vector<Pattern> takes_out_;
  std::vector<ModuleRule> excludes_;
  std::vector<ModuleRule> keeps_;
};

}  // namespace llmo::filter
