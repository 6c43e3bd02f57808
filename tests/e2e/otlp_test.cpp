// Spans on their way over the network: a real program, the exporter that it starts, and a receiver that is
// there, away, busy or wrong.
#include <signal.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/support/collector.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using Way = CollectorAnswer::Way;

Environment to(const std::string& endpoint, Environment more = {}) {
  more["LLMOBSERVE_EXPORTER"] = "otlp";
  more["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
  more["OTEL_SERVICE_NAME"] = "svc";
  return more;
}

constexpr const char* kTree =
    "workflow.outer_workflow\n"
    "  workflow.inner_agent\n"
    "  workflow.last_handler\n";

std::string trees_sent(const std::string& endpoint, const Collector& collector, Environment more = {}) {
  Sandbox sandbox;
  const Run run =
      sandbox.run({program_path("nested_calls", "gcc-O2")}, {.env = to(endpoint, std::move(more))});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(sandbox.trace_files().empty());
  return tree_of(collector.spans());
}

// Empty where nothing was logged.
std::string log_of(const Sandbox& sandbox) {
  const std::filesystem::path path = sandbox.journal_dir() / "exporter.log";
  return std::filesystem::exists(path) ? read_text(path) : "";
}

TEST_CASE("a program's spans arrive at a collector, API calls and resource with them", "[e2e][otlp]") {
  MockServer server;
  Collector collector;
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("curl_chat", "gcc-O2")},
                              {.args = {server.url()}, .env = to(collector.url("/base/"))});
  CHECK(run.exit_code == 0);
  CHECK(run.leftover.size() <= 2);
  const std::vector<Span> spans = collector.spans();
  REQUIRE(tree_of(spans) ==
          "workflow.research_agent\n"
          "  llm.request  [client]\n");
  const Span call = only_span(spans, "llm.request");
  CHECK(attribute(call, "gen_ai.request.model") == "gpt-4o-mini");
  CHECK(attribute(call, "gen_ai.usage.input_tokens") == "812");
  CHECK(resource_attribute(call, "service.name") == "svc");
  for (const Received& request : collector.requests()) CHECK(request.target == "/base/v1/traces");
  // What the exporter sends is nobody's API call, and carries no tag of ours.
  for (const Received& request : collector.requests()) {
    CHECK(header_value(request.headers, "traceparent").empty());
  }
}

TEST_CASE("an endpoint alone is enough to choose OTLP", "[e2e][otlp]") {
  Collector collector;
  CHECK(trees_sent(collector.url(), collector, {{"LLMOBSERVE_EXPORTER", ""}}) == kTree);
}

TEST_CASE("llmobserve run has sent all when it ends", "[e2e][otlp]") {
  Collector collector;
  Sandbox sandbox;
  const Finished run =
      sandbox.llmobserve({"run", "--", program_path("nested_calls", "gcc-O2").string()}, to(collector.url()));
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(tree_of(collector.spans()) == kTree);
}

TEST_CASE("JSON, gzip and headers are sent as the variables say", "[e2e][otlp]") {
  Collector collector;
  CHECK(trees_sent("http://localhost:9", collector,
                   {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.url("/x?y=z")},
                    {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
                    {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                    {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b"}}) == kTree);
  const Received request = collector.requests().at(0);
  CHECK(request.target == "/x?y=z");
  CHECK(request.gzip);
  CHECK(header_value(request.headers, "Content-Type") == "application/json");
  CHECK(header_value(request.headers, "api-key") == "a b");
}

TEST_CASE("a proxy is asked, and the endpoint's name left to it", "[e2e][otlp]") {
  Collector proxy;
  CHECK(trees_sent("http://collector.invalid:4318", proxy, {{"http_proxy", proxy.url()}}) == kTree);
  CHECK(proxy.requests().at(0).target == "http://collector.invalid:4318/v1/traces");
}

TEST_CASE("spans go over TLS with a certificate of the client's, whose paths may be relative",
          "[e2e][otlp]") {
  Collector collector(Collector::Tls::kBoth);
  Sandbox sandbox;
  const std::string dir = sandbox.path();
  REQUIRE(collector.authority()->write_certificate(dir + "/ca.pem"));
  REQUIRE(collector.authority()->write_client(dir + "/client.pem", dir + "/key.pem"));
  const Run run =
      sandbox.run({program_path("nested_calls", "gcc-O2")},
                  {.env = to(collector.url(), {{"OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"},
                                               {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "client.pem"},
                                               {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem"}})});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(collector.spans()) == kTree);
}

TEST_CASE("a collector that is busy, away and slow in turn gets each span once", "[e2e][otlp]") {
  Collector collector;
  collector.answer_next({{.status = 503, .headers = {{"Retry-After", "0"}}},
                         {.way = Way::kReset},
                         {.delay = std::chrono::milliseconds(300)}});
  CHECK(trees_sent(collector.url(), collector) == kTree);
  CHECK(collector.requests().size() >= 3);
}

TEST_CASE("what a collector refuses is counted in the log with its reason, and with no secret",
          "[e2e][otlp]") {
  Collector collector;
  collector.answer({.status = 401, .body = R"({"code":16,"message":"key hush-hush is not known"})"});
  Sandbox sandbox;
  sandbox.run(
      {program_path("nested_calls", "gcc-O2")},
      {.env = to(collector.url("/?q=hush-hush"), {{"OTEL_EXPORTER_OTLP_HEADERS", "api-key=hush-hush"}})});
  CHECK(collector.requests().size() == 1);
  const std::string log = log_of(sandbox);
  INFO(log);
  CHECK(log.find("3 spans dropped") != std::string::npos);
  CHECK(log.find("status 401: key [redacted] is not known") != std::string::npos);
  CHECK(log.find("hush") == std::string::npos);
}

TEST_CASE("spans for a collector that is not there are kept, and recover sends them", "[e2e][otlp]") {
  const int port = free_port();
  const Environment environment = to("http://localhost:" + std::to_string(port));
  Sandbox sandbox;
  sandbox.run({program_path("nested_calls", "gcc-O2")}, {.env = environment, .wait_for_export = false});
  REQUIRE(wait_until([&] { return log_of(sandbox).find("cannot send spans") != std::string::npos; }));
  REQUIRE(sandbox.sessions().size() == 1);
  for (const pid_t pid : sandbox.exporters()) ::kill(pid, SIGKILL);
  REQUIRE(wait_until([&] { return sandbox.exporters().empty(); }));
  Collector collector(Collector::Tls::kNone, port);
  // Also from a shell that preloads the library into all that it starts: what is sent is nobody's API call.
  Environment preloaded = environment;
  preloaded["LD_PRELOAD"] = preload_value();
  const Finished recovered = sandbox.llmobserve({"recover"}, preloaded);
  INFO(recovered.err);
  CHECK(recovered.exit_code == 0);
  CHECK(sandbox.sessions().empty());
  CHECK(tree_of(collector.spans()) == kTree);
  CHECK(header_value(collector.requests().at(0).headers, "traceparent").empty());
}

TEST_CASE("an exporter that waits for an answer ends at once when it is told to", "[e2e][otlp]") {
  Collector collector;
  collector.answer({.way = Way::kHang});
  Sandbox sandbox;
  sandbox.run({program_path("nested_calls", "gcc-O2")},
              {.env = to(collector.url(), {{"OTEL_EXPORTER_OTLP_TIMEOUT", "0"}}), .wait_for_export = false});
  REQUIRE(collector.wait_for_requests(1));
  for (const pid_t pid : sandbox.exporters()) ::kill(pid, SIGTERM);
  CHECK(wait_until([&] { return sandbox.exporters().empty(); }));
  CHECK(sandbox.sessions().size() == 1);
}

TEST_CASE("many spans come in requests of a bounded size, none of them twice", "[e2e][otlp]") {
  Collector collector;
  Sandbox sandbox;
  const Run run =
      sandbox.run({program_path("many_spans", "gcc-O2")}, {.args = {"10000"}, .env = to(collector.url())});
  CHECK(run.exit_code == 0);
  std::set<std::string> ids;
  const std::vector<Span> spans = collector.spans();
  for (const Span& span : spans) ids.insert(span.span_id);
  CHECK(ids.size() == spans.size());
  CHECK(spans.size() >= 10000);
  for (const Received& request : collector.requests()) CHECK(request.body.size() < (4 << 20));
}

}  // namespace
}  // namespace llmo::test
