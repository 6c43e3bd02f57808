// Which spans a program's functions make, and how they hang together.
#include <catch2/catch.hpp>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

std::string tree_of_program(const std::string& program, const std::string& variant,
                            const RunOptions& options = {}) {
  INFO(program << " " << variant);
  const Run run = run_under_shim(program, variant, options);
  CHECK(run.exit_code == 0);
  CHECK(run.signal == 0);
  return tree_of(run.spans);
}

TEST_CASE("a matching function within another is its child, also through one that does not match",
          "[e2e][workflow]") {
  CHECK(tree_of_program("nested_calls", each_variant()) ==
        "workflow.outer_workflow\n"
        "  workflow.inner_agent\n"
        "  workflow.last_handler\n");
}

TEST_CASE("each call of a recursion has its own span", "[e2e][workflow]") {
  CHECK(tree_of_program("recursion", each_variant()) ==
        "workflow.count_agent\n"
        "  workflow.count_agent\n"
        "    workflow.count_agent\n");
}

TEST_CASE("static functions have their names", "[e2e][workflow]") {
  CHECK(tree_of_program("static_function", each_variant()) ==
        "workflow.hidden_workflow\n"
        "  workflow.(anonymous namespace)::unnamed_agent\n");
}

TEST_CASE("functions of C programs have their names", "[e2e][workflow]") {
  CHECK(tree_of_program("c_program", each_variant()) ==
        "workflow.c_workflow\n"
        "  workflow.local_agent\n");
}

TEST_CASE("methods and templates are named without parameters and template arguments", "[e2e][workflow]") {
  CHECK(tree_of_program("qualified_names", each_variant()) ==
        "workflow.acme::Planner::plan_agent\n"
        "workflow.acme::Planner::shared_agent\n"
        "workflow.acme::Planner::typed_agent\n"
        "workflow.acme::Planner::typed_agent\n"
        "workflow.acme::Box::open_agent\n"
        "workflow.acme::lambda_workflow\n");
}

TEST_CASE("constructors, destructors, operators and lambdas can match", "[e2e][workflow]") {
  const RunOptions options{.env = {{"LLMOBSERVE_FUNCTION_PATTERNS", "Planner,~Planner,operator*"}}};
  const Run run = run_under_shim("qualified_names", each_variant(), options);
  REQUIRE(run.spans.size() == 5);
  CHECK(spans_named(run.spans, "workflow.acme::Planner::Planner").size() == 1);
  CHECK(spans_named(run.spans, "workflow.acme::Planner::operator<").size() == 1);
  CHECK(spans_named(run.spans, "workflow.acme::Planner::operator()").size() == 1);
  CHECK(spans_named(run.spans, "workflow.acme::Planner::~Planner").size() == 1);
  CHECK(tree_of(run.spans).find("lambda_workflow") != std::string::npos);
}

TEST_CASE("a thread inherits the workflow that started it, and no other", "[e2e][workflow][threads]") {
  CHECK(tree_of_program("threads", each_variant()) ==
        "workflow.start_workflow\n"
        "  workflow.first_agent\n"
        "  workflow.second_agent\n"
        "workflow.lonely_agent\n");
}

TEST_CASE("a span knows its function, module, source, thread and process", "[e2e][workflow]") {
  const Run run = run_under_shim("nested_calls", each_variant());
  const Span span = only_span(run.spans, "workflow.inner_agent");
  CHECK(attribute(span, "code.function.name") == "inner_agent");
  CHECK(attribute(span, "llmobserve.module") == "nested_calls");
  CHECK_THAT(attribute(span, "code.file.path"), Catch::Matchers::EndsWith("tests/programs/nested_calls.cpp"));
  CHECK(attribute(span, "code.line.number") == "6");
  CHECK(attribute(span, "thread.id") == std::to_string(run.pid));
  CHECK(resource_attribute(span, "process.pid") == std::to_string(run.pid));
  CHECK_FALSE(resource_attribute(span, "service.name").empty());
  CHECK(span.kind == 1);
  CHECK(span.status == 0);
}

TEST_CASE("times of spans are now, and children lie within their parents", "[e2e][workflow]") {
  const auto now = [] {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  };
  const std::uint64_t before = now();
  const Run run = run_under_shim("nested_calls");
  const std::uint64_t after = now();
  const Span outer = only_span(run.spans, "workflow.outer_workflow");
  const Span inner = only_span(run.spans, "workflow.inner_agent");
  const Span last = only_span(run.spans, "workflow.last_handler");
  // Two clocks are calibrated against each other; they may be apart by their granularity.
  constexpr std::uint64_t kSlack = 1'000'000;
  CHECK(outer.start_unix_nanos + kSlack >= before);
  CHECK(outer.end_unix_nanos <= after + kSlack);
  CHECK(outer.start_unix_nanos <= inner.start_unix_nanos);
  CHECK(inner.end_unix_nanos <= last.start_unix_nanos);
  CHECK(last.end_unix_nanos <= outer.end_unix_nanos);
}

TEST_CASE("roots have traces of their own", "[e2e][workflow]") {
  const Run run = run_under_shim("threads");
  CHECK(only_span(run.spans, "workflow.start_workflow").trace_id !=
        only_span(run.spans, "workflow.lonely_agent").trace_id);
}

TEST_CASE("TRACEPARENT in the environment is the parent of root spans", "[e2e][workflow]") {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const RunOptions options{.env = {{"TRACEPARENT", "00-" + trace + "-00f067aa0ba902b7-01"}}};
  const Run run = run_under_shim("nested_calls", "gcc-O2", options);
  const Span root = only_span(run.spans, "workflow.outer_workflow");
  CHECK(root.trace_id == trace);
  CHECK(root.parent_span_id == "00f067aa0ba902b7");
  CHECK(tree_of(run.spans).starts_with("workflow.outer_workflow [remote parent]\n"));
}

}  // namespace
}  // namespace llmo::test
