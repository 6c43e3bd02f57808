// Which code makes an API call, instrumented or not.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

// Nobody listens on this port: the call fails at once, which is as good as any other.
constexpr const char* kNobody = "http://127.0.0.1:9/";

Span call_of(const std::string& variant, const RunOptions& options) {
  const Run run = run_under_shim("curl_fetch", variant, options);
  REQUIRE(run.exit_code == 0);
  return only_span(run.spans, "GET");
}

TEST_CASE("an API call tells the code that makes it", "[e2e][call_stack]") {
  const std::string variant = each_variant();
  INFO(variant);
  const Span call = call_of(variant, {.args = {kNobody, "1000", "workflow"}});
  CHECK(attribute(call, "code.function.name") == "fetch");
  CHECK_THAT(attribute(call, "code.file.path"), Catch::Matchers::EndsWith("tests/programs/curl_fetch.cpp"));
  CHECK(attribute(call, "code.line.number") == "17");
  const std::string stack = attribute(call, "code.stacktrace");
  CHECK_THAT(stack, Catch::Matchers::Contains("fetch_workflow"));
  CHECK_THAT(stack, Catch::Matchers::Contains("main"));
  CHECK_THAT(stack, !Catch::Matchers::Contains("llmo::"));
}

TEST_CASE("call stacks are left out where they are not wanted", "[e2e][call_stack]") {
  const Span call =
      call_of("gcc-O2", {.args = {kNobody, "1000"}, .env = {{"LLMOBSERVE_CALL_STACKS", "false"}}});
  CHECK_FALSE(has_attribute(call, "code.stacktrace"));
  CHECK_FALSE(has_attribute(call, "code.function.name"));
}

}  // namespace
}  // namespace llmo::test
