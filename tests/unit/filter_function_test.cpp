// The whole decision: patterns, `!`, exclusion, and the rule that is named for it.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "shim/config/settings.h"
#include "shim/filter/function_filter.h"

namespace {

using llmo::filter::FunctionFilter;
using llmo::filter::FunctionIdentity;
using llmo::filter::Verdict;

// The own name by the plain rule: enough for names without brackets.
FunctionIdentity function(std::string_view qualified, std::string_view module = "/opt/acme/planner") {
  const std::size_t colons = qualified.rfind("::");
  return {qualified, qualified.substr(colons == std::string_view::npos ? 0 : colons + 2), module};
}

Verdict verdict(std::string_view patterns, std::string_view qualified, std::string_view excludes = "") {
  return FunctionFilter{patterns, excludes}.decide(function(qualified)).verdict;
}

bool traced(std::string_view patterns, std::string_view qualified, std::string_view excludes = "") {
  return verdict(patterns, qualified, excludes) == Verdict::kTraced;
}

const FunctionFilter& default_filter() {
  static const FunctionFilter filter{llmo::config::kDefaultFunctionPatterns,
                                     llmo::config::kDefaultExcludeModules};
  return filter;
}

}  // namespace

TEST_CASE("the defaults take workflows, agents and handlers outside of tests", "[filter]") {
  const auto decide = [](std::string_view name, std::string_view module) {
    return default_filter().decide(function(name, module)).verdict;
  };
  CHECK(decide("research_workflow", "/x/app") == Verdict::kTraced);
  CHECK(decide("acme::Planner::plan_agent", "/x/libacme.so.3") == Verdict::kTraced);
  CHECK(decide("request_handler", "/x/app") == Verdict::kTraced);
  CHECK(decide("main", "/x/app") == Verdict::kNoMatch);
  CHECK(decide("workflow", "/x/app") == Verdict::kNoMatch);
  CHECK(decide("plan_agents", "/x/app") == Verdict::kNoMatch);
  CHECK(decide("plan_agent", "/x/libmy-test.so.3") == Verdict::kExcluded);
  CHECK(decide("plan_agent", "/x/latest") == Verdict::kTraced);
  CHECK(decide("test::Runner::plan_agent", "/x/app") == Verdict::kExcluded);
  CHECK(decide("Test::plan_agent", "/x/app") == Verdict::kTraced);
  CHECK(decide("test_agent", "/x/app") == Verdict::kTraced);  // the function's own name is no module
  CHECK(decide("main", "/x/test") == Verdict::kNoMatch);

  CHECK(default_filter().excluded_by_source("test/agent.cpp") == "test");
  CHECK(default_filter().excluded_by_source("/x/__pycache__/agent.c") == "__pycache__");
  CHECK_FALSE(default_filter().excluded_by_source("/src/latest/tests.cpp"));
  CHECK(default_filter().wants_source());
  CHECK_FALSE(default_filter().matches_nothing());
}

TEST_CASE("a pattern is held against the own name, one with colons against the qualified name", "[filter]") {
  CHECK(traced("plan_agent", "acme::Planner::plan_agent"));
  CHECK(traced("plan_*", "acme::Planner::plan_agent"));
  CHECK_FALSE(traced("acme*", "acme::Planner::plan_agent"));
  CHECK(traced("acme::*", "acme::Planner::plan_agent"));
  CHECK(traced("acme::Planner::plan_agent", "acme::Planner::plan_agent"));
  CHECK_FALSE(traced("Planner::plan_agent", "acme::Planner::plan_agent"));
  CHECK(traced("*::Planner::plan_agent", "acme::Planner::plan_agent"));
  CHECK(traced("::plan_agent", "plan_agent"));
  CHECK_FALSE(traced("::plan_agent", "acme::plan_agent"));
  CHECK(traced("::acme::*", "acme::plan_agent"));
  CHECK_FALSE(traced("Plan_*", "plan_agent"));
}

TEST_CASE("a star takes every function", "[filter]") {
  for (const char* name :
       {"main", "acme::Planner::Planner", "acme::Planner::~Planner", "operator new", "f"}) {
    CAPTURE(name);
    CHECK(traced("*", name));
  }
  CHECK(FunctionFilter{"*", ""}
            .decide({"acme::run::{lambda(test::X)#1}::operator()", "operator()", "/x/app"})
            .verdict == Verdict::kTraced);
}

TEST_CASE("an exclamation mark takes functions out wherever it stands", "[filter]") {
  CHECK(verdict("*,!debug_*", "debug_agent") == Verdict::kExcluded);
  CHECK(verdict("!debug_*,*", "debug_agent") == Verdict::kExcluded);
  CHECK(verdict("*_agent, ! debug_* ", "debug_agent") == Verdict::kExcluded);
  CHECK(traced("*,!debug_*", "plan_agent"));
  CHECK(verdict("*,!acme::*", "acme::plan_agent") == Verdict::kExcluded);
  CHECK(traced("*,!acme::*", "plan_agent"));
  CHECK(verdict("*_agent,!debug_*", "debug_view") == Verdict::kNoMatch);
}

TEST_CASE("a list of exclamation marks alone takes out of the default patterns", "[filter]") {
  CHECK(verdict("!debug_*", "debug_agent") == Verdict::kExcluded);
  CHECK(verdict("!debug_*", "plan_agent") == Verdict::kTraced);
  CHECK(verdict("!debug_*", "main") == Verdict::kNoMatch);
}

TEST_CASE("blanks and empty entries do not count", "[filter]") {
  CHECK(traced(" ,, \t plan_agent \n,", "plan_agent"));
  CHECK(traced("a , b", "b"));
  CHECK_FALSE(traced(",", "plan_agent"));
  CHECK_FALSE(traced("!", "plan_agent"));
  CHECK_FALSE(traced("", ""));
}

TEST_CASE("a comma parts two patterns even inside brackets", "[filter]") {
  CHECK_FALSE(traced("[a,b]", "a"));
  CHECK(traced("[a,b]", "[a"));
  CHECK(traced("[a,b]", "b]"));
}

TEST_CASE("exclusion wins over every pattern", "[filter]") {
  CHECK(verdict("*", "acme::plan_agent", "acme") == Verdict::kExcluded);
  CHECK(verdict("acme::plan_agent", "acme::plan_agent", "acme") == Verdict::kExcluded);
  CHECK(verdict("*", "plan_agent", "planner") == Verdict::kExcluded);
  CHECK(verdict("*", "plan_agent", "*") == Verdict::kExcluded);
  CHECK(traced("*", "plan_agent", "plan_agent"));
  CHECK(traced("*", "plan_agent", ","));
}

TEST_CASE("an exclusion rule with an exclamation mark keeps the names that it matches", "[filter]") {
  const FunctionFilter filter{"*", "test, !my-test, !test/agents/*"};
  CHECK(filter.decide(function("f", "/x/libmy-test.so")).verdict == Verdict::kTraced);
  CHECK(filter.decide(function("f", "/x/libyour-test.so")).verdict == Verdict::kExcluded);
  CHECK(filter.decide(function("test::f", "/x/libmy-test.so")).verdict == Verdict::kExcluded);
  CHECK_FALSE(filter.excluded_by_source("test/agents/a.cpp"));
  CHECK(filter.excluded_by_source("test/a.cpp") == "test");
}

TEST_CASE("the namespace is what stands before the own name, whatever the own name holds", "[filter]") {
  const FunctionFilter filter{"*", "test"};
  const auto decide = [&](std::string_view qualified, std::string_view own) {
    return filter.decide({qualified, own, "/x/app"}).verdict;
  };
  CHECK(decide("acme::Plan::operator test::Plan", "operator test::Plan") == Verdict::kTraced);
  CHECK(decide("test::Plan::operator acme::Plan", "operator acme::Plan") == Verdict::kExcluded);
  CHECK(decide("acme::(anonymous namespace)::test", "test") == Verdict::kTraced);
  CHECK(decide("test::(anonymous namespace)::f", "f") == Verdict::kExcluded);
  CHECK(decide("acme::f::{lambda(test::X)#1}::operator()", "operator()") == Verdict::kTraced);
  CHECK(decide("test::X", "not its end") == Verdict::kTraced);
  CHECK(decide("test", "test") == Verdict::kTraced);
  CHECK(decide("", "") == Verdict::kTraced);
}

TEST_CASE("the decision names the rule as it was written", "[filter]") {
  const FunctionFilter filter{" plan_* ,::acme::*, ! debug_agent", "vendor , third*"};
  CHECK(filter.decide(function("plan_agent")).rule == "plan_*");
  CHECK(filter.decide(function("acme::run")).rule == "::acme::*");
  CHECK(filter.decide(function("acme::debug_agent")).rule == "! debug_agent");
  CHECK(filter.decide(function("acme::vendor::run")).rule == "vendor");
  CHECK(filter.decide(function("acme::run", "/x/libthird.so")).rule == "third*");
  CHECK(filter.decide(function("other")).rule.empty());
}

TEST_CASE("a filter keeps copies of its lists", "[filter]") {
  std::string patterns = "plan_*,a_pattern_too_long_to_be_kept_inside_a_string_object";
  std::string excludes = "test";
  FunctionFilter first{patterns, excludes};
  patterns.assign(patterns.size(), 'x');
  excludes.assign(excludes.size(), 'x');
  FunctionFilter moved = std::move(first);
  const FunctionFilter copied = moved;
  moved = FunctionFilter{"", ""};
  CHECK(copied.decide(function("plan_agent")).rule == "plan_*");
  CHECK(copied.decide(function("test::plan_agent")).rule == "test");
}

TEST_CASE("a filter knows when nothing can match", "[filter]") {
  CHECK(FunctionFilter{"", ""}.matches_nothing());
  CHECK(FunctionFilter{" , ", "test"}.matches_nothing());
  CHECK(FunctionFilter{"!", ""}.matches_nothing());
  CHECK(FunctionFilter{"*_agent,!*", ""}.matches_nothing());
  CHECK(FunctionFilter{"*", "test,*"}.matches_nothing());
  CHECK_FALSE(FunctionFilter{"*", "*,!acme"}.matches_nothing());
  CHECK_FALSE(FunctionFilter{"!debug_agent", ""}.matches_nothing());
  CHECK_FALSE(FunctionFilter{"*", ""}.matches_nothing());
}

TEST_CASE("the source path is wanted only where an exclusion rule exists", "[filter]") {
  CHECK_FALSE(FunctionFilter{"*", ""}.wants_source());
  CHECK_FALSE(FunctionFilter{"*", " , "}.wants_source());
  CHECK_FALSE(FunctionFilter{"*", "!acme"}.wants_source());
  CHECK(FunctionFilter{"*", "acme"}.wants_source());
}

TEST_CASE("hostile lists and names are decided all the same", "[filter]") {
  const std::string junk(1'000'000, '\xFF');
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "[x,*y?,!";
  const FunctionFilter filter{many + "," + junk, many + "," + junk};
  CHECK(filter.decide(function("plan_agent")).verdict == Verdict::kNoMatch);
  CHECK(default_filter().decide({junk, junk, junk}).verdict == Verdict::kNoMatch);
  CHECK_FALSE(default_filter().excluded_by_source(junk));
  const std::string deep = junk + "::test::plan_agent";
  CHECK(default_filter().decide(function(deep)).verdict == Verdict::kExcluded);
}
