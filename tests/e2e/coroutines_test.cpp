// Coroutines: one span from the call to the end of the frame, whoever resumes it and wherever.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

Run run_program(const std::string& program, const std::string& variant, const RunOptions& options = {}) {
  Run run = run_under_shim(program, variant, options);
  CHECK(run.exit_code == 0);
  CHECK(run.signal == 0);
  return run;
}

std::string tree_of_program(const std::string& program, const std::string& variant,
                            const RunOptions& options = {}) {
  INFO(program << " " << variant);
  return tree_of(run_program(program, variant, options).spans);
}

// gcc 12 does not compile symmetric transfer in optimised code with -finstrument-functions.
std::string each_variant_with_transfer() { return GENERATE("gcc-O0", "clang-O0", "clang-O2"); }

// The one way in which both compilers differ: where gcc's resume functions tell of themselves, clang's frames
// are known from when the ramp returns.
bool is_gcc(const std::string& variant) { return variant.starts_with("gcc"); }

TEST_CASE("a generator is one span however often it suspends, and what runs meanwhile is not its child",
          "[e2e][coroutine]") {
  CHECK(tree_of_program("coroutine_generator", each_variant()) ==
        "workflow.whole_workflow\n"
        "  workflow.count_agent\n"
        "    workflow.inner_agent\n"
        "    workflow.inner_agent\n"
        "  workflow.between_agent\n"
        "  workflow.between_agent\n"
        "workflow.half_workflow\n"
        "  workflow.count_agent end=destroyed\n"
        "    workflow.inner_agent\n"
        "  workflow.between_agent\n"
        "workflow.never_workflow\n"
        "  workflow.count_agent end=destroyed\n");
}

TEST_CASE("a coroutine's span says how often it was resumed and how long it ran", "[e2e][coroutine]") {
  const Run run = run_program("coroutine_generator", each_variant());
  const std::vector<Span> spans = spans_named(run.spans, "workflow.count_agent");
  REQUIRE(spans.size() == 3);
  CHECK(attribute(spans[0], "llmobserve.coroutine.resumes") == "3");
  CHECK(attribute(spans[1], "llmobserve.coroutine.resumes") == "1");
  CHECK(attribute(spans[2], "llmobserve.coroutine.resumes") == "0");
  CHECK(std::stod(attribute(spans[0], "llmobserve.coroutine.running_seconds")) > 0);
  CHECK(attribute(spans[0], "code.function.name") == "count_agent");
}

TEST_CASE("attributes that a coroutine sets by hand are its own, over all its stretches",
          "[e2e][coroutine][by_hand]") {
  const Run run = run_program("coroutine_generator", each_variant());
  const std::vector<Span> spans = spans_named(run.spans, "workflow.count_agent");
  REQUIRE(spans.size() == 3);
  CHECK(attribute(spans[0], "last") == "1");
  CHECK(attribute(spans[1], "last") == "0");
  CHECK_FALSE(has_attribute(spans[2], "last"));
  CHECK_FALSE(has_attribute(only_span(run.spans, "workflow.whole_workflow"), "last"));
}

TEST_CASE("methods, templates, recursive and pooled coroutines are followed, and two that take turns",
          "[e2e][coroutine]") {
  CHECK(tree_of_program("coroutine_kinds", each_variant()) ==
        "workflow.kinds_workflow\n"
        "  workflow.Planner::plan_agent end=destroyed\n"
        "  workflow.typed_agent end=destroyed\n"
        "    workflow.step_agent\n"
        "workflow.recursive_workflow\n"
        "  workflow.tree_agent\n"
        "    workflow.tree_agent\n"
        "      workflow.tree_agent\n"
        "        workflow.step_agent\n"
        "      workflow.step_agent\n"
        "    workflow.step_agent\n"
        "workflow.pooled_workflow\n"
        "  workflow.pooled_agent\n"
        "    workflow.step_agent\n"
        "    workflow.step_agent\n"
        "  workflow.pooled_agent\n"
        "workflow.turns_workflow\n"
        "  workflow.words_agent\n"
        "    workflow.step_agent\n"
        "  workflow.words_agent end=destroyed\n"
        "    workflow.step_agent\n"
        "  workflow.step_agent\n"
        "  workflow.step_agent\n");
}

TEST_CASE("a lambda can be a coroutine", "[e2e][coroutine]") {
  const RunOptions options{.env = {{"LLMOBSERVE_FUNCTION_PATTERNS", "kinds_workflow,operator()"}}};
  const Run run = run_program("coroutine_kinds", GENERATE("gcc-O0", "gcc-O2", "clang-O0"), options);
  REQUIRE(run.spans.size() == 2);
  const Span workflow = only_span(run.spans, "workflow.kinds_workflow");
  const Span& lambda = run.spans[0].name == workflow.name ? run.spans[1] : run.spans[0];
  CHECK_THAT(lambda.name, Catch::Matchers::EndsWith("::operator()"));
  CHECK(lambda.parent_span_id == workflow.span_id);
  CHECK(attribute(lambda, "llmobserve.coroutine.resumes") == "1");
}

TEST_CASE("a task that awaits another is its parent, and what goes on when it has ended is not its child",
          "[e2e][coroutine]") {
  CHECK(tree_of_program("coroutine_tasks", each_variant_with_transfer()) ==
        "workflow.driving_workflow\n"
        "  workflow.leaf_agent\n"
        "    workflow.call_agent\n"
        "  workflow.call_agent\n"
        "workflow.outer_workflow\n"
        "  workflow.middle_agent\n"
        "    workflow.leaf_agent\n"
        "      workflow.call_agent\n"
        "    workflow.call_agent\n"
        "    workflow.leaf_agent\n"
        "      workflow.call_agent\n"
        "  workflow.call_agent\n");
}

TEST_CASE("a hundred thousand transfers do not make the stack grow where they do not by themselves",
          "[e2e][coroutine]") {
  const Run run = run_program("coroutine_tasks", GENERATE("clang-O0", "clang-O2"), {.args = {"50000"}});
  CHECK(run.out == "done flat\n");
  const Span ping = only_span(run.spans, "workflow.ping_agent");
  const Span pong = only_span(run.spans, "workflow.pong_agent");
  CHECK(attribute(ping, "llmobserve.coroutine.resumes") == "50001");
  CHECK(ping.parent_span_id == only_span(run.spans, "workflow.transfer_workflow").span_id);
  const std::vector<Span> calls = spans_named(run.spans, "workflow.call_agent");
  CHECK(calls.size() == 50);
  for (const Span& call : calls) CHECK(call.parent_span_id == pong.span_id);
}

TEST_CASE("a coroutine goes with its span to the threads that resume it", "[e2e][coroutine][threads]") {
  CHECK(tree_of_program("coroutine_threads", each_variant()) ==
        "workflow.moving_workflow\n"
        "  workflow.moving_agent\n"
        "    workflow.first_agent\n"
        "    workflow.second_agent\n"
        "    workflow.second_agent\n"
        "workflow.pool_handler\n"
        "  workflow.other_agent\n"
        "  workflow.other_agent\n"
        "workflow.pool_handler\n"
        "  workflow.other_agent\n"
        "  workflow.other_agent\n");
}

TEST_CASE("thousands of coroutines are followed at once", "[e2e][coroutine][threads]") {
  const Run run = run_program("coroutine_threads", each_variant(), {.args = {"many"}});
  const std::vector<Span> spans = spans_named(run.spans, "workflow.many_agent");
  CHECK(spans.size() == 2000);
  std::set<std::string> ids;
  for (const Span& span : spans) {
    ids.insert(span.span_id);
    CHECK(attribute(span, "llmobserve.coroutine.resumes") == "2");
    CHECK(attribute(span, "llmobserve.end") == "destroyed");
  }
  CHECK(ids.size() == spans.size());
}

TEST_CASE("a coroutine that another thread resumes before the first has come out of it has no wrong children",
          "[e2e][coroutine][threads]") {
  const std::string variant = each_variant();
  const Run run = run_program("coroutine_handed_over", variant);
  std::set<std::string> coroutines;
  for (const Span& span : spans_named(run.spans, "workflow.handed_agent")) coroutines.insert(span.span_id);
  CHECK(coroutines.size() == 50);
  const std::vector<Span> calls = spans_named(run.spans, "workflow.call_agent");
  CHECK(calls.size() == 100);
  for (const Span& call : calls) {
    const bool is_root = call.parent_span_id.empty() && !is_gcc(variant);
    CHECK((is_root || coroutines.contains(call.parent_span_id)));
  }
}

TEST_CASE("an exception that leaves a coroutine's body is in its span, kept or not", "[e2e][coroutine]") {
  const std::string variant = each_variant();
  const Run run = run_program("coroutine_exceptions", variant);
  CHECK(tree_of(run.spans) ==
        "workflow.kept_workflow\n"
        "  workflow.kept_agent ERROR\n"
        "workflow.thrown_workflow\n"
        "  workflow.thrown_agent ERROR end=exception\n"
        "workflow.caught_workflow\n"
        "  workflow.caught_agent\n");
}

TEST_CASE("a child process goes on with a coroutine and does not end it", "[e2e][coroutine][fork]") {
  CHECK(tree_of_program("coroutine_forked", each_variant()) ==
        "workflow.forever_agent end=process_exit\n"
        "workflow.forked_agent\n"
        "  workflow.parent_agent\n"
        "  workflow.child_agent\n");
}

TEST_CASE("a coroutine that forks goes on in both processes, inside the one that runs it",
          "[e2e][coroutine][fork]") {
  CHECK(tree_of_program("coroutine_forks", each_variant()) ==
        "workflow.outer_agent\n"
        "  workflow.forking_agent\n"
        "    workflow.parent_agent\n"
        "    workflow.child_agent\n");
}

TEST_CASE("coroutines that hop between threads each have one span", "[e2e][coroutine][threads]") {
  const std::string variant = each_variant();
  const Run run = run_program("coroutine_pool", variant);
  const std::vector<Span> spans = spans_named(run.spans, "workflow.hop_agent");
  CHECK(spans.size() == 500);
  for (const Span& span : spans) {
    // With clang one that another thread runs to its end while the ramp returns has an end that nobody sees.
    const std::string end = attribute(span, "llmobserve.end");
    CHECK((end.empty() || (end == "unwound" && !is_gcc(variant))));
    if (is_gcc(variant)) CHECK(attribute(span, "llmobserve.coroutine.resumes") == "20");
  }
}

TEST_CASE("a coroutine that has freed its frame is over, whatever the memory says", "[e2e][coroutine]") {
  CHECK(tree_of_program("coroutine_freed", each_variant()) ==
        "workflow.freed_workflow\n"
        "  workflow.resumed_agent\n"
        "  workflow.unsuspended_agent\n");
}

TEST_CASE("a killed process shows its coroutines, suspended or not", "[e2e][coroutine]") {
  const Run run = run_under_shim("coroutine_killed", each_variant());
  CHECK(run.signal == 9);
  CHECK(tree_of(run.spans) ==
        "workflow.suspended_agent end=killed\n"
        "workflow.running_agent end=killed\n");
}

TEST_CASE("without symbols a coroutine is a plain call", "[e2e][coroutine]") {
  CHECK(tree_of_program("coroutine_stripped", each_variant()) ==
        "workflow.whole_workflow\n"
        "  workflow.count_agent\n"
        "  workflow.inner_agent\n"
        "  workflow.between_agent\n"
        "  workflow.inner_agent\n"
        "  workflow.between_agent\n"
        "workflow.half_workflow\n"
        "  workflow.count_agent\n"
        "  workflow.inner_agent\n"
        "  workflow.between_agent\n"
        "workflow.never_workflow\n"
        "  workflow.count_agent\n");
}

}  // namespace
}  // namespace llmo::test
