// Traces on their way to a file and to a collector at once, while one of them fails and exporters are killed.
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/collector.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr const char* kTree =
    "workflow.outer_workflow\n"
    "  workflow.inner_agent\n"
    "  workflow.last_handler\n";

Environment to_both(const std::string& endpoint, Environment more = {}) {
  more["LLMOBSERVE_EXPORTER"] = "file,otlp";
  more["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
  return more;
}

void kill_exporters(const Sandbox& sandbox) {
  for (const pid_t pid : sandbox.exporters()) ::kill(pid, SIGKILL);
  REQUIRE(wait_until([&] { return sandbox.exporters().empty(); }));
}

TEST_CASE("an exporter killed while the collector fails has the file whole, and recover sends the rest",
          "[e2e][destinations]") {
  Collector collector;
  collector.answer({.status = 503});
  Sandbox sandbox;
  const Environment environment = to_both(collector.url());
  sandbox.run({program_path("nested_calls", "gcc-O2")}, {.env = environment, .wait_for_export = false});
  REQUIRE(collector.wait_for_requests(1));
  CHECK(wait_until([&] { return tree_of(read_otlp_lines(sandbox.trace_text())) == kTree; }));
  kill_exporters(sandbox);

  const Finished still = sandbox.llmobserve({"recover"}, environment);
  INFO(still.err);
  CHECK(still.exit_code == 1);
  collector.answer({});
  const Finished recovered = sandbox.llmobserve({"recover"}, environment);
  INFO(recovered.err);
  CHECK(recovered.exit_code == 0);
  CHECK(sandbox.sessions().empty());
  CHECK(tree_of(collector.spans()) == kTree);
  CHECK(tree_of(read_otlp_lines(sandbox.trace_text())) == kTree);
}

TEST_CASE("run does not wait for a collector that is away: it says what is left, and the file is whole",
          "[e2e][destinations]") {
  Sandbox sandbox;
  const Environment environment = to_both("http://127.0.0.1:9", {{"LLMOBSERVE_EXPORT_PATIENCE_MS", "200"}});
  const Finished run =
      sandbox.llmobserve({"run", "--", program_path("nested_calls", "gcc-O2").string()}, environment);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("llmobserve recover") != std::string::npos);
  CHECK(tree_of(read_otlp_lines(sandbox.trace_text())) == kTree);
  REQUIRE(wait_until([&] { return sandbox.exporters().empty(); }));
  CHECK(sandbox.sessions().size() == 1);

  const Finished check = sandbox.llmobserve({"check"}, environment);
  INFO(check.out);
  CHECK(check.exit_code == 1);
  CHECK(check.out.find("127.0.0.1:9") != std::string::npos);
  CHECK(check.out.find("not all is exported") != std::string::npos);
  CHECK(check.out.find("1 without an exporter") != std::string::npos);
}

TEST_CASE("check says which ClickHouse setting cannot be read", "[e2e][destinations]") {
  const Finished check = Sandbox().llmobserve({"check"}, {{"LLMOBSERVE_EXPORTER", "clickhouse"},
                                                          {"LLMOBSERVE_CLICKHOUSE_URL", "http://127.0.0.1:9"},
                                                          {"LLMOBSERVE_CLICKHOUSE_TTL", "soon"}});
  INFO(check.out);
  CHECK(check.out.find("LLMOBSERVE_CLICKHOUSE_TTL: \"soon\" is not a number") != std::string::npos);
}

}  // namespace
}  // namespace llmo::test
