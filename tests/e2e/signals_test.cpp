// Traced signal handlers: on the ordinary stack and on the signal stack, one in another.
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

TEST_CASE("handlers in handlers hang under what they interrupt, on whichever stack", "[e2e][signal]") {
  const std::string where = GENERATE(as<std::string>{}, "none", "first", "second", "first,second");
  INFO(where);
  const Run run = run_under_shim("signal_nested", each_variant(), {.args = {where}});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.interrupted_workflow\n"
        "  workflow.first_handler\n"
        "    workflow.second_handler\n"
        "      workflow.deepest_agent\n"
        "    workflow.inner_agent\n"
        "  workflow.inner_agent\n");
}

TEST_CASE("handlers that come into transfers are recorded, and no transfer is lost", "[e2e][signal]") {
  const Run run = run_under_shim("signal_in_transfers");
  REQUIRE(run.exit_code == 0);
  std::istringstream counts(run.out);
  std::size_t failed = 0;
  std::size_t handled = 0;
  counts >> failed >> handled;
  CHECK(failed == 300);
  CHECK(spans_named(run.spans, "workflow.request_agent").size() == 300);
  std::size_t requests = 0;
  for (const Span& span : spans_named(run.spans, "GET")) {
    ++requests;
    CHECK_FALSE(span.parent_span_id.empty());
  }
  CHECK(requests == 300);
  CHECK(spans_named(run.spans, "workflow.signal_agent").size() + lost_spans(run.spans) == handled);
}

TEST_CASE("handlers that come into switches of fibers disturb neither stack", "[e2e][signal][fiber]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("signal_in_fibers", variant, {.env = {{"LLMOBSERVE_THROTTLE", "false"}}});
  REQUIRE(run.exit_code == 0);
  const Span fiber = only_span(run.spans, "workflow.fiber_workflow");
  const Span main = only_span(run.spans, "workflow.main_workflow");
  CHECK(fiber.parent_span_id.empty());
  CHECK(main.parent_span_id.empty());
  for (const Span& step : spans_named(run.spans, "workflow.fiber_step_agent")) {
    CHECK(step.parent_span_id == fiber.span_id);
  }
  for (const Span& step : spans_named(run.spans, "workflow.main_step_agent")) {
    CHECK(step.parent_span_id == main.span_id);
  }
  CHECK(spans_named(run.spans, "workflow.fiber_step_agent").size() == 5000);
  CHECK(spans_named(run.spans, "workflow.main_step_agent").size() == 5001);
  const auto handled = static_cast<std::size_t>(std::stol(run.out));
  CHECK(spans_named(run.spans, "workflow.signal_agent").size() + lost_spans(run.spans) == handled);
}

}  // namespace
}  // namespace llmo::test
