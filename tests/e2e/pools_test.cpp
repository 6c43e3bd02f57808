// Pools of libraries: work belongs to whoever asks for it, on whichever thread it is done.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/e2e/relations.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

TEST_CASE("libuv's work and what follows it belong to whoever queues it", "[e2e][pool]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O0", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("pool_libuv", variant);
  CHECK(run.exit_code == 0);
  CHECK(run.out == "refused yes\ncancelled yes\nchild 0\nclosed 0, done 13\n");
  const std::string second =
      "workflow.second_workflow\n"
      "  workflow.work_agent\n"
      "  workflow.again_agent\n";
  CHECK(tree_of(run.spans) ==
        "workflow.first_workflow\n"
        "  workflow.work_agent\n"
        "  workflow.after_agent\n"
        "  workflow.retry_agent\n"
        "    workflow.work_agent\n"
        "    workflow.again_agent\n" +
            second +
            "workflow.forgetful_workflow\n"
            "  workflow.work_agent\n"
            "workflow.refused_workflow\n"
            "workflow.cancelling_workflow\n"
            "  workflow.cancelled_agent\n"
            "workflow.threading_workflow\n"
            "  workflow.thread_agent\n"
            "workflow.work_agent\n"
            "workflow.again_agent\n" +
            second + "workflow.loop_workflow\n" + second);
}

TEST_CASE("items of GLib's pools belong to whoever pushes them, or to nobody", "[e2e][pool]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O0");
  INFO(variant);
  const Run run = run_under_shim("pool_glib", variant);
  CHECK(run.exit_code == 0);
  CHECK(run.out == "moved 1, waited 4, order 3012\nfreed 1\n");
  CHECK(relations_of(run.spans) ==
        "1 - > again_workflow\n"
        "1 - > dlsym_agent\n"
        "1 - > dlsym_workflow\n"
        "1 - > dropping_workflow\n"
        "1 - > first_workflow\n"
        "3 - > item_agent\n"
        "1 - > pushing_workflow\n"
        "1 - > second_workflow\n"
        "1 - > sorting_workflow\n"
        "1 - > task_workflow\n"
        "1 - > threading_workflow\n"
        "1 first_workflow > item_agent\n"
        "1 second_workflow > item_agent\n"
        "4 sorting_workflow > item_agent\n"
        "1 task_workflow > task_agent\n"
        "1 threading_workflow > thread_agent\n");
}

// TBB's headers have functions whose names end in _handler.
const Environment kOwnFunctions = {{"LLMOBSERVE_FUNCTION_PATTERNS", "*_workflow,*_agent"}};

TEST_CASE("oneTBB's tasks belong to whoever spawns them", "[e2e][pool]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O0", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("pool_tbb", variant, {.env = kOwnFunctions});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "sum 10235, caught 1\n");
  std::vector<Span> spans = run.spans;
  // Goes on on any thread, on the stack of another one, and is a root there.
  std::erase_if(spans, [](const Span& span) { return span.name == "workflow.resumed_agent"; });
  CHECK(relations_of(spans) ==
        "1 - > arena_workflow\n"
        "1 - > cancelling_workflow\n"
        "2 - > for_workflow\n"
        "1 - > graph_workflow\n"
        "1 - > group_workflow\n"
        "1 - > invoke_workflow\n"
        "32 - > nowhere_agent\n"
        "1 - > pipeline_workflow\n"
        "1 - > reduce_workflow\n"
        "1 - > suspending_workflow\n"
        "1 - > throwing_workflow\n"
        "1 arena_workflow > arena_agent\n"
        "4 arena_workflow > enqueued_agent\n"
        "256 for_workflow > for_agent\n"
        "16 graph_workflow > node_agent\n"
        "9 group_workflow > group_agent\n"
        "1 group_workflow > nested_agent\n"
        "3 invoke_workflow > invoke_agent\n"
        "8 nested_agent > inner_agent\n"
        "16 pipeline_workflow > stage_agent\n"
        "64 reduce_workflow > reduce_agent\n"
        "1 suspending_workflow > before_agent\n"
        "1 throwing_workflow > throwing_agent end=exception\n");
}

TEST_CASE("threads that wait in oneTBB and do the work of others keep it apart", "[e2e][pool]") {
  const Run run = run_under_shim("pool_tbb", "gcc-O2", {.args = {"at_once"}, .env = kOwnFunctions});
  CHECK(run.exit_code == 0);
  CHECK(relations_of(run.spans) ==
        "5 - > for_workflow\n"
        "5 - > group_workflow\n"
        "5 - > reduce_workflow\n"
        "5 - > storm_workflow\n"
        "640 for_workflow > for_agent\n"
        "45 group_workflow > group_agent\n"
        "5 group_workflow > nested_agent\n"
        "40 nested_agent > inner_agent\n"
        "320 reduce_workflow > reduce_agent\n"
        "4000 storm_workflow > storm_agent\n");
}

}  // namespace
}  // namespace llmo::test
