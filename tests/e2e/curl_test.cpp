// Transfers of real programs through the real libcurl, against the mock API server.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/e2e/curl_runs.h"
#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

TEST_CASE("a chat request is a child of the workflow that made it, with its model and its tokens",
          "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_chat", variant, {server.url()});
  CHECK(run.exit_code == 0);
  REQUIRE(tree_of(run.spans) ==
          "workflow.research_agent\n"
          "  llm.request  [client]\n");
  const Span call = only_span(run.spans, "llm.request");
  CHECK(attribute(call, "gen_ai.provider.name") == "openai");
  CHECK(attribute(call, "gen_ai.operation.name") == "chat");
  CHECK(attribute(call, "gen_ai.request.model") == "gpt-4o-mini");
  CHECK(attribute(call, "gen_ai.request.max_tokens") == "50");
  CHECK(attribute(call, "gen_ai.response.model") == "gpt-4o-mini");
  CHECK(attribute(call, "gen_ai.usage.input_tokens") == "812");
  CHECK(attribute(call, "gen_ai.usage.output_tokens") == "96");
  CHECK(attribute(call, "gen_ai.usage.cache_read.input_tokens") == "256");
  CHECK(attribute(call, "http.request.method") == "POST");
  CHECK(attribute(call, "url.full") == server.url("/v1/chat/completions"));
  CHECK(attribute(call, "server.address") == "127.0.0.1");
  CHECK(attribute(call, "server.port") == std::to_string(server.port()));
  CHECK(attribute(call, "http.response.status_code") == "200");
  CHECK(attribute(call, "network.protocol.version") == "1.1");
  CHECK(has_attribute(call, "llmobserve.http.total_seconds"));
  CHECK(without_ids(run.out) == without_ids(output_without_us("curl_chat", variant, {server.url()})));
}

TEST_CASE("the tag on the wire names the span of the call", "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_chat", "gcc-O2", {server.url()});
  const Span call = only_span(run.spans, "llm.request");
  const std::vector<std::string> tags = server.log().at(0).header("traceparent");
  REQUIRE(tags.size() == 1);
  CHECK(tags[0] == "00-" + call.trace_id + "-" + call.span_id + "-03");
}

TEST_CASE("a key in the request is in no output", "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_chat", "gcc-O2", {server.url()});
  CHECK(run.trace_text.find("sk-very-secret") == std::string::npos);
  CHECK(run.err.empty());
  REQUIRE(server.log().at(0).header("Authorization").size() == 1);
  CHECK(server.log().at(0).header("Authorization")[0] == "Bearer sk-very-secret");
}

TEST_CASE("a handle that is used a thousand times sends one tag each time, always another", "[e2e][curl]") {
  constexpr std::size_t kTimes = 1000;
  MockServer server;
  const Run run = run_program("curl_reuse", "gcc-O2", {server.url(), std::to_string(kTimes)});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "X-First: 1\nX-Second: 2\n");
  const std::vector<SeenRequest> requests = server.log();
  REQUIRE(requests.size() == kTimes);
  std::set<std::string> spans;
  for (const SeenRequest& request : requests) {
    REQUIRE(request.header("traceparent").size() == 1);
    REQUIRE(request.header("X-First") == std::vector<std::string>{"1"});
    REQUIRE(request.header("X-Second") == std::vector<std::string>{"2"});
    spans.insert(id_in_traceparent(request.header("traceparent")[0]));
  }
  CHECK(spans.size() == kTimes);
  CHECK(spans_named(run.spans, "GET").size() == kTimes);
}

TEST_CASE("what libcurl writes by itself is byte for byte the same", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_stdout", variant, {server.url()});
  CHECK(without_ids(run.out) == without_ids(output_without_us("curl_stdout", variant, {server.url()})));
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(attribute(calls[i], "gen_ai.usage.output_tokens") == "96");
  CHECK(attribute(calls[3], "error.type") == "CURLE_WRITE_ERROR");
}

TEST_CASE("where there is no memory for us, the program's transfers go on", "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_no_memory", "gcc-O2", {server.url()},
                              {{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"}});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(run.out == output_without_us("curl_no_memory", "gcc-O2", {server.url()}));
}

TEST_CASE("duplicated, reset and cleaned up handles send what the program set on them", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_handles", variant, {server.url()});
  CHECK(run.out == output_without_us("curl_handles", variant, {server.url()}));
  CHECK(tree_of(run.spans) ==
        "workflow.handles_workflow\n"
        "  GET  [client]\n"
        "  GET  [client]\n"
        "  GET  [client] ERROR\n"
        "  GET  [client]\n");
}

TEST_CASE("a call outside any workflow gets a root of its own, named by its provider", "[e2e][curl]") {
  MockServer server;
  const Run plain = run_program("curl_fetch", "gcc-O2", {server.url("/echo"), "0"});
  CHECK(tree_of(plain.spans) ==
        "auto.workflow.http\n"
        "  GET  [client]\n");
  const Run chat =
      run_program("curl_chat", "gcc-O2", {server.url()}, {{"LLMOBSERVE_AUTO_FUNCTION_TRACING", "false"}});
  CHECK(tree_of(chat.spans) ==
        "auto.workflow.openai\n"
        "  llm.request  [client]\n");
}

TEST_CASE("a parent from the environment is the parent of that root, and its state goes along",
          "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_fetch", "gcc-O2", {server.url("/echo"), "0"},
                              {{"TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                               {"TRACESTATE", "vendor=1"}});
  const Span root = only_span(run.spans, "auto.workflow.http");
  CHECK(root.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(root.parent_span_id == "b7ad6b7169203331");
  const Span call = only_span(run.spans, "GET");
  CHECK(call.parent_span_id == root.span_id);
  const SeenRequest request = server.log().at(0);
  CHECK(request.header("tracestate") == std::vector<std::string>{"vendor=1"});
  CHECK(request.header("traceparent") ==
        std::vector<std::string>{"00-0af7651916cd43dd8448eb211c80319c-" + call.span_id + "-01"});
}

TEST_CASE("an error status is an error of the call alone, with how long to wait", "[e2e][curl]") {
  MockServer server;
  Sandbox sandbox;
  const Run run = sandbox.run({"curl", "-s", "-H", "X-Mock: status:429", server.url("/v1/models")});
  CHECK(run.exit_code == 0);
  const Span call = spans_named(run.spans, "GET").empty() ? run.spans.at(0) : only_span(run.spans, "GET");
  CHECK(call.status == 2);
  CHECK(attribute(call, "http.response.status_code") == "429");
  CHECK(attribute(call, "http.response.header.retry-after") == "1");
  CHECK(has_attribute(call, "error.type"));

  const Run plain = run_program("curl_fetch", "gcc-O2", {server.url("/status/503"), "0", "workflow"});
  CHECK(plain.out.starts_with("code 0 status 503 "));
  CHECK(attribute(only_span(plain.spans, "GET"), "error.type") == "503");
  CHECK(only_span(plain.spans, "GET").status == 2);
  CHECK(only_span(plain.spans, "workflow.fetch_workflow").status == 0);
}

TEST_CASE("a refused connection and a timeout are errors with their names", "[e2e][curl]") {
  MockServer server;
  const Run refused = run_program("curl_fetch", "gcc-O2", {kRefused, "0"});
  CHECK(refused.out == output_without_us("curl_fetch", "gcc-O2", {kRefused, "0"}));
  CHECK(attribute(only_span(refused.spans, "GET"), "error.type") == "CURLE_COULDNT_CONNECT");
  CHECK(only_span(refused.spans, "GET").status_message == "Couldn't connect to server");

  Sandbox sandbox;
  const Run late = sandbox.run({"curl", "-s", "-m", "0.3", "-H", "X-Mock: slow:3000ms", server.url("/echo")});
  CHECK(late.exit_code == 28);
  CHECK(attribute(only_span(late.spans, "GET"), "error.type") == "timeout");
  CHECK_FALSE(has_attribute(only_span(late.spans, "GET"), "http.response.status_code"));
}

TEST_CASE("a redirect is one call that tells how often it was sent and where it ended", "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_fetch", "gcc-O2", {server.url("/redirect/2"), "0"});
  CHECK(run.out.starts_with("code 0 status 200 "));
  const Span call = only_span(run.spans, "GET");
  CHECK(attribute(call, "url.full") == server.url("/redirect/2"));
  CHECK(attribute(call, "http.request.resend_count") == "2");
  CHECK(attribute(call, "llmobserve.http.effective_url") == server.url("/redirect/0"));
  for (const SeenRequest& request : server.log()) CHECK(request.header("traceparent").size() == 1);
}

TEST_CASE("an exception of a callback passes through, and the call ends with it", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_throws_in_callback", variant, {server.url()});
  CHECK(run.out == "caught: from the callback\ncode 0, body there\n");
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 2);
  CHECK(attribute(calls[0], "llmobserve.end") == "unwound");
  CHECK_FALSE(has_attribute(calls[1], "llmobserve.end"));
}

TEST_CASE("a callback that ends its thread ends the call", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_pthread_exit_in_callback", variant, {server.url()});
  CHECK(run.out == "left\n");
  CHECK(run.exit_code == 0);
  CHECK(attribute(only_span(run.spans, "llm.request"), "llmobserve.end") == "unwound");
}

TEST_CASE("a callback that jumps out of a call leaves no pointer of ours behind", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_longjmp_in_callback", variant, {server.url()});
  CHECK(run.exit_code == 0);
  CHECK(run.out == output_without_us("curl_longjmp_in_callback", variant, {server.url()}));
  // Where the refused second call lies deeper in the stack than the first, it cannot be told from one that a
  // callback makes, and has no span.
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() >= 2);
  CHECK(attribute(calls.front(), "llmobserve.end") != "");
  CHECK_FALSE(has_attribute(calls.back(), "llmobserve.end"));
  CHECK(attribute(calls.back(), "gen_ai.usage.output_tokens") == "96");
}

TEST_CASE("a callback may ask, set, duplicate and perform as it likes", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_busy_callback", variant, {server.url()});
  CHECK(run.out ==
        "status 200, again: 1\n"
        "other: 0, 10 bytes\n"
        "copy: 0, there\n"
        "code 0, 1 call, rest there\n");
  CHECK(tree_of(run.spans) ==
        "workflow.busy_workflow\n"
        "  llm.request  [client]\n"
        "  GET  [client]\n"
        "  llm.request  [client]\n");
  for (const Span& call : spans_named(run.spans, "llm.request")) {
    CHECK(attribute(call, "gen_ai.usage.output_tokens") == "96");
  }
}

TEST_CASE("a request body is read in whichever way it is handed over", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_request_bodies", variant, {server.url()});
  CHECK(run.out == "code 0, answer\ncode 0, answer\ncode 0, answer\ncode 0, answer\n");
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(attribute(calls[i], "gen_ai.request.max_tokens") == "50");
  // A file that libcurl reads by itself is left to it: only the answer is known.
  CHECK_FALSE(has_attribute(calls[3], "gen_ai.request.max_tokens"));
  CHECK(attribute(calls[3], "gen_ai.response.model") == "gpt-4o-mini");
  for (const SeenRequest& request : server.log()) CHECK(request.body == server.log().at(0).body);
}

TEST_CASE("a program gets the libcurl that it was linked with, where there are two", "[e2e][curl]") {
  const std::string variant = each_variant();
  MockServer server;
  const Run run = run_program("curl_gnutls", variant, {server.url()});
  CHECK(run.out == "both 1, code 0, backend gnutls\n");
  CHECK(tree_of(run.spans) ==
        "workflow.flavour_agent\n"
        "  GET  [client]\n");
}

TEST_CASE("a request that carries a traceparent keeps it and gets no second one", "[e2e][curl]") {
  MockServer server;
  Sandbox sandbox;
  const Run run = sandbox.run({"curl", "-s", "-H", "TraceParent: 00-own", server.url("/echo")});
  CHECK(run.exit_code == 0);
  CHECK(server.log().at(0).header("traceparent") == std::vector<std::string>{"00-own"});
  CHECK(spans_named(run.spans, "GET").size() == 1);
}

TEST_CASE("LLMOBSERVE_TAG_REQUESTS=false sends nothing and still records", "[e2e][curl]") {
  MockServer server;
  const Run run =
      run_program("curl_fetch", "gcc-O2", {server.url("/echo"), "0"}, {{"LLMOBSERVE_TAG_REQUESTS", "false"}});
  CHECK(server.log().at(0).header("traceparent").empty());
  CHECK(spans_named(run.spans, "GET").size() == 1);
}

TEST_CASE("LLMOBSERVE_ENABLED=false leaves libcurl alone", "[e2e][curl]") {
  MockServer server;
  const Run run = run_program("curl_chat", "gcc-O2", {server.url()}, {{"LLMOBSERVE_ENABLED", "false"}});
  CHECK(run.exit_code == 0);
  CHECK(server.log().at(0).header("traceparent").empty());
  CHECK(run.spans.empty());
}

TEST_CASE("the curl command prints and sends the same, and leaves a trace", "[e2e][curl]") {
  MockServer server;
  const std::vector<std::vector<std::string>> commands = {
      {"-s", server.url("/bytes/100000")},
      {"-s", "-i", "-d", R"({"model":"gpt-4o-mini"})", server.url("/v1/chat/completions")},
      {"-s", "-N", "-d", R"({"model":"gpt-4o-mini","stream":true})", server.url("/v1/chat/completions")},
      {"-s", "-D", "-", "-L", server.url("/redirect/1")},
      {"-s", "-f", server.url("/status/404")},
      {"-s", "-I", server.url("/bytes/5")},
      {"-s", server.url("/bytes/3"), server.url("/bytes/4")},
      {"-sS", kRefused},
  };
  for (const std::vector<std::string>& args : commands) {
    CAPTURE(args.back());
    std::vector<std::string> argv = args;
    argv.insert(argv.begin(), "curl");
    Sandbox sandbox;
    const std::size_t before = server.log().size();
    const Run with = sandbox.run(argv);
    const std::size_t between = server.log().size();
    const Run without = sandbox.run(argv, {.preload = false});
    CHECK(with.exit_code == without.exit_code);
    CHECK(without_ids(with.out) == without_ids(without.out));
    CHECK(with.err == without.err);
    CHECK_FALSE(with.spans.empty());

    const std::vector<SeenRequest> log = server.log();
    REQUIRE(log.size() - between == between - before);
    for (std::size_t i = before; i < between; ++i)
      CHECK(wire_text(log[i]) == wire_text(log[i + between - before]));
  }
}

}  // namespace
}  // namespace llmo::test
