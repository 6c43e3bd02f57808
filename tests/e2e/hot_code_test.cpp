// Guards for patterns that take hot code: what is left out of a trace is counted in it, and nothing that is
// kept is orphaned.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

Run run_hot(const std::vector<std::string>& args, Environment env) {
  env["LLMOBSERVE_FUNCTION_PATTERNS"] = "shorts,middle,tiny,fetch,deep,deeper,hot,calls_*,recurring";
  env["LLMOBSERVE_EXCLUDE_MODULES"] = ",";
  const Run run = run_under_shim("hot_code", each_variant(), {.args = args, .env = std::move(env)});
  CHECK(run.exit_code == 0);
  return run;
}

// The calls of `function` that were left out for `reason`; -1: none are told of.
std::int64_t left_out(const Run& run, const std::string& function, const std::string& reason) {
  const auto diagnostics = spans_named(run.spans, "llmobserve.diagnostics");
  if (diagnostics.empty()) return -1;
  for (const Event& event : diagnostics[0].events) {
    const auto text = [&](const char* key) {
      return std::get<std::string>(event.attributes.find(key)->second);
    };
    if (event.name != "llmobserve.left_out" || text("code.function.name") != function ||
        text("llmobserve.left_out.reason") != reason) {
      continue;
    }
    CHECK(std::get<double>(event.attributes.find("llmobserve.left_out.seconds")->second) < 60);
    return std::get<std::int64_t>(event.attributes.find("llmobserve.left_out.calls")->second);
  }
  return -1;
}

std::string tree_without_diagnostics(Run run) {
  std::erase_if(run.spans, [](const Span& span) { return span.name == "llmobserve.diagnostics"; });
  return tree_of(run.spans);
}

TEST_CASE("calls shorter than the least duration are counted, unless something kept is below them",
          "[e2e][hot_code]") {
  MockServer server;
  const Run run = run_hot({"short", server.url("/bytes/20")}, {{"LLMOBSERVE_MIN_DURATION", "30s"}});
  CHECK(tree_without_diagnostics(run) ==
        "workflow.shorts\n"
        "  workflow.middle\n"
        "    workflow.fetch\n"
        "      GET  [client]\n");
  CHECK(left_out(run, "tiny", "min_duration") == 11);
}

TEST_CASE("calls that are too deep are counted, and what they do hangs below the last that is kept",
          "[e2e][hot_code]") {
  MockServer server;
  const Run run = run_hot({"deep", server.url("/bytes/20")}, {{"LLMOBSERVE_MAX_DEPTH", "2"}});
  CHECK(tree_without_diagnostics(run) ==
        "workflow.deeper\n"
        "  workflow.deep\n"
        "  workflow.deeper\n"
        "    GET  [client]\n");
  CHECK(left_out(run, "deep", "max_depth") == 2 + 3 + 3);
  CHECK(left_out(run, "deeper", "max_depth") == 1);
  CHECK(left_out(run, "fetch", "max_depth") == 1);
}

TEST_CASE("a function that is called too often and too short is only counted from then on",
          "[e2e][hot_code]") {
  constexpr std::int64_t kCalls = 2'000'000;
  MockServer server;
  const Run run = run_hot({"hot", server.url("/bytes/20"), std::to_string(kCalls)}, {});
  const std::int64_t kept = static_cast<std::int64_t>(spans_named(run.spans, "workflow.hot").size());
  const std::int64_t lost = [&] {
    const std::string text =
        attribute(only_span(run.spans, "llmobserve.diagnostics"), "llmobserve.lost.spans");
    return text.empty() ? std::int64_t{0} : std::stoll(text);
  }();
  CHECK(left_out(run, "hot", "throttled") > kCalls / 2);
  CHECK(left_out(run, "hot", "throttled") + kept + lost == kCalls);
  Run others = run;
  std::erase_if(others.spans, [](const Span& span) { return span.name == "workflow.hot"; });
  CHECK(tree_without_diagnostics(others) ==
        "workflow.calls_hot\n"
        "  workflow.fetch\n"
        "    GET  [client]\n");
}

TEST_CASE("calls of a throttled function still pair, also within each other", "[e2e][hot_code]") {
  Run run = run_hot({"recurring", "", "700000"}, {});
  CHECK(left_out(run, "recurring", "throttled") > 0);
  std::erase_if(run.spans, [](const Span& span) { return span.name == "workflow.recurring"; });
  CHECK(tree_without_diagnostics(run) ==
        "workflow.calls_recurring\n"
        "  workflow.tiny\n");
}

TEST_CASE("without throttling every call has its span", "[e2e][hot_code]") {
  const Run run = run_hot({"recurring", "", "60000"}, {{"LLMOBSERVE_THROTTLE", "false"}});
  CHECK(left_out(run, "recurring", "throttled") == -1);
  CHECK(spans_named(run.spans, "workflow.recurring").size() == 120'000);
}

}  // namespace
}  // namespace llmo::test
