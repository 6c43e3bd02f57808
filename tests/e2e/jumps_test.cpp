// Calls that are left by a jump: longjmp() in all its forms, out of signal handlers too.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

std::string tree_after_jump(const std::string& workflow, const std::string& handler_call = {}) {
  return "workflow." + workflow +
         "\n"
         "  workflow.left_handler end=longjmp\n"
         "    workflow.jumping_agent end=longjmp\n" +
         handler_call + "  workflow.later_agent\n";
}

TEST_CASE("a jump closes the calls that it leaves, before anything else is called", "[e2e][jump]") {
  const std::string how = GENERATE(as<std::string>{}, "longjmp", "_longjmp");
  const Run run = run_under_shim("jump_ways", each_variant(), {.args = {how}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == tree_after_jump("by_longjmp_workflow"));
}

TEST_CASE("siglongjmp() closes what it leaves", "[e2e][jump]") {
  const Run run = run_under_shim("jump_ways", each_variant(), {.args = {"siglongjmp"}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == tree_after_jump("by_siglongjmp_workflow"));
}

TEST_CASE("setcontext() to a place further up closes what it leaves", "[e2e][jump]") {
  const Run run = run_under_shim("jump_ways", each_variant(), {.args = {"setcontext"}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == tree_after_jump("by_setcontext_workflow"));
}

TEST_CASE("a jump out of a handler closes the handler's calls and what it interrupted", "[e2e][jump]") {
  const std::string where = GENERATE(as<std::string>{}, "signal", "signal_stack");
  const Run run = run_under_shim("jump_ways", each_variant(), {.args = {where}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        tree_after_jump("by_siglongjmp_workflow", "      workflow.signal_agent end=longjmp\n"));
}

TEST_CASE("a jump of fortified code is seen", "[e2e][jump]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  const Run run = run_under_shim("jump_fortified", variant);
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.catching_workflow\n"
        "  workflow.jumping_agent end=longjmp\n"
        "  workflow.later_agent\n");
}

// A call that a handler interrupted may have been at any point of being opened or closed.
TEST_CASE("jumps out of handlers at any instruction lose no later call and leave none open",
          "[e2e][jump][signal]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim(
      "jump_storm", variant,
      {.env = {{"LLMOBSERVE_THROTTLE", "false"}}, .timeout = std::chrono::milliseconds{30'000}});
  REQUIRE(run.exit_code == 0);
  const auto later = spans_named(run.spans, "workflow.later_agent");
  CHECK(later.size() == 100);
  for (const Span& span : later) {
    CHECK(span.parent_span_id.empty());
    CHECK_FALSE(has_attribute(span, "llmobserve.end"));
  }
  const auto interrupted = spans_named(run.spans, "workflow.interrupted_agent");
  std::size_t returned = 0;
  for (const Span& span : interrupted) {
    CHECK(span.parent_span_id.empty());
    returned += has_attribute(span, "llmobserve.end") ? 0U : 1U;
  }
  // A call may have been counted by us and not by the program, which was interrupted in between.
  const auto counted = static_cast<std::size_t>(std::stol(run.out));
  CHECK(returned + lost_spans(run.spans) >= counted);
  CHECK(returned <= counted + 301);
  CHECK(spans_named(run.spans, "workflow.handler_agent").size() + lost_spans(run.spans) >= 300);
}

}  // namespace
}  // namespace llmo::test
