// Fibers: each has a span stack of its own, whoever switches between them.
#include <catch2/catch.hpp>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int time = 0; time < times; ++time) text += line;
  return text;
}

TEST_CASE("calls of interleaved fibers hang under their own, over many switches", "[e2e][fiber]") {
  const Run run = run_under_shim("fiber_ucontext", each_variant(), {.args = {"interleaved"}});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "262962963\n");  // 3 * 87654321: every argument has arrived
  const std::string steps = repeated("    workflow.step_agent\n", 4);
  const std::string round = "  workflow.round_agent\n    workflow.main_step_agent\n";
  CHECK(tree_of(run.spans) == "workflow.scheduling_workflow\n" + round + "  workflow.first_workflow\n" +
                                  steps + "  workflow.second_workflow\n" + steps +
                                  "  workflow.first_workflow\n" + steps + repeated(round, 4) +
                                  "  workflow.main_step_agent\n");
}

TEST_CASE("a fiber whose memory another one takes was destroyed", "[e2e][fiber]") {
  const Run run = run_under_shim("fiber_ucontext", each_variant(), {.args = {"abandoned"}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.abandoning_workflow\n"
        "  workflow.first_workflow end=destroyed\n"
        "    workflow.step_agent\n"
        "  workflow.first_workflow end=process_exit\n"
        "    workflow.step_agent\n"
        "  workflow.main_step_agent\n");
}

TEST_CASE("fibers that switch by longjmp() are told apart from jumps", "[e2e][fiber][jump]") {
  const Run run = run_under_shim("fiber_ucontext", each_variant(), {.args = {"jumping"}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == "workflow.driving_workflow\n  workflow.jumping_workflow\n" +
                                  repeated("    workflow.step_agent\n", 4) +
                                  repeated("  workflow.main_step_agent\n", 5));
}

TEST_CASE("thousands of fibers lose nothing", "[e2e][fiber]") {
  const Run run = run_under_shim("fiber_ucontext", "gcc-O2",
                                 {.args = {"crowd"}, .env = {{"LLMOBSERVE_JOURNAL_MAX", "4"}}});
  CHECK(run.exit_code == 0);
  const Span workflow = only_span(run.spans, "workflow.crowd_workflow");
  const auto steps = spans_named(run.spans, "workflow.step_agent");
  CHECK(steps.size() == 4000);
  for (const Span& step : steps) CHECK(step.parent_span_id == workflow.span_id);
  CHECK(lost_spans(run.spans) == 0);
}

TEST_CASE("fibers of Boost.Context hang together, are destroyed, and move between threads", "[e2e][fiber]") {
  const std::string variant = each_variant();
  INFO(variant);
  const Run run = run_under_shim("fiber_boost_context", variant);
  CHECK(run.exit_code == 0);
  const std::string steps = repeated("    workflow.step_agent\n", 3);
  const std::string main_steps = repeated("  workflow.main_step_agent\n", 4);
  const Span left = only_span(run.spans, "workflow.left_workflow");
  CHECK(has_attribute(left, "llmobserve.end"));
  std::string tree = tree_of(run.spans);
  const std::string end = " end=" + attribute(left, "llmobserve.end");
  if (left.status == 2) tree.replace(tree.find(" ERROR"), 6, "");
  CHECK(tree == "workflow.interleaving_workflow\n  workflow.fiber_workflow\n" + steps +
                    "  workflow.main_step_agent\n  workflow.fiber_workflow\n" + steps +
                    repeated("  workflow.main_step_agent\n", 3) +
                    "workflow.destroying_workflow\n  workflow.left_workflow" + end +
                    "\n    workflow.step_agent\n  workflow.main_step_agent\n" +
                    "workflow.moving_workflow\n  workflow.fiber_workflow\n" + steps + main_steps);
}

TEST_CASE("fibers that threads share keep their calls together", "[e2e][fiber]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O0", "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("fiber_boost_fiber", variant);
  CHECK(run.exit_code == 0);
  const auto tasks = spans_named(run.spans, "workflow.task_workflow");
  CHECK(tasks.size() == 20);
  for (const Span& task : tasks) {
    CHECK(task.parent_span_id.empty());
    CHECK_FALSE(has_attribute(task, "llmobserve.end"));
    int steps = 0;
    for (const Span& step : spans_named(run.spans, "workflow.step_agent")) {
      steps += step.parent_span_id == task.span_id ? 1 : 0;
    }
    CHECK(steps == 5);
  }
}

}  // namespace
}  // namespace llmo::test
