// The multi interface: programs that drive libcurl in every way it offers, with us and without us.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/curl_runs.h"
#include "tests/e2e/variants.h"

namespace llmo::test {
namespace {

// Runs a program with us and without us, each against a server of its own (some answers differ from one
// request to the next), and checks that it has seen the same and that the servers have.
class Compared {
 public:
  Compared(const std::string& program, const std::string& variant,
           const std::vector<std::string>& more = {}) {
    const MockServer other;
    without_ = run_under_shim(program, variant, {.args = arguments(other, more), .preload = false});
    run_ = run_under_shim(program, variant, {.args = arguments(server_, more)});
    CHECK(without_port(run_.out, server_) == without_port(without_.out, other));
    CHECK(run_.err == without_.err);
    CHECK(run_.exit_code == without_.exit_code);
    CHECK(wire(server_) == wire(other));
  }

  const Run& run() const { return run_; }
  const std::vector<Span>& spans() const { return run_.spans; }
  const MockServer& server() const { return server_; }

 private:
  static std::vector<std::string> arguments(const MockServer& server, std::vector<std::string> more) {
    more.insert(more.begin(), server.url());
    return more;
  }
  static std::string without_port(std::string text, const MockServer& server) {
    const std::string port = std::to_string(server.port());
    for (std::size_t at = 0; (at = text.find(port, at)) != std::string::npos;)
      text.replace(at, port.size(), "P");
    return without_ids(text);
  }
  // Requests that run side by side arrive in any order.
  static std::vector<std::string> wire(const MockServer& server) {
    std::vector<std::string> requests;
    for (const SeenRequest& request : server.log())
      requests.push_back(without_port(wire_text(request), server));
    std::sort(requests.begin(), requests.end());
    return requests;
  }

  MockServer server_;
  Run without_;
  Run run_;
};

Span workflow_of(const std::vector<Span>& spans, const std::string& name) {
  return only_span(spans, "workflow." + name);
}

constexpr int kClient = 3;

// The calls right below a span, in order of their start.
std::vector<Span> calls_of(const std::vector<Span>& spans, const Span& parent) {
  std::vector<Span> children;
  for (const Span& span : spans) {
    if (span.kind == kClient && span.parent_span_id == parent.span_id) children.push_back(span);
  }
  std::sort(children.begin(), children.end(),
            [](const Span& a, const Span& b) { return a.start_unix_nanos < b.start_unix_nanos; });
  return children;
}

// The ends of the calls that a workflow made, in order: `ok`, `cancelled`, an error's type …
std::string ends_of(const std::vector<Span>& spans, const std::string& workflow) {
  std::string ends;
  for (const Span& call : calls_of(spans, workflow_of(spans, workflow))) {
    std::string end = attribute(call, "llmobserve.end");
    if (call.status == 2) end += (end.empty() ? "" : " ") + attribute(call, "error.type");
    ends += (ends.empty() ? "" : ", ") + (end.empty() ? "ok" : end);
  }
  return ends;
}

TEST_CASE("whatever drives them, transfers belong to the workflow that added them", "[e2e][multi]") {
  const std::string how = GENERATE("poll", "wait", "fdset", "epoll", "old");
  CAPTURE(how);
  const Compared compared("curl_multi_drivers", "gcc-O2", {how});
  const std::vector<Span>& spans = compared.spans();
  CHECK(tree_of(spans) ==
        "workflow.first_agent\n"
        "  llm.request  [client]\n"
        "  llm.request  [client] ERROR\n"
        "workflow.second_agent\n"
        "  llm.request  [client]\n"
        "workflow.late_agent\n"
        "  llm.request  [client]\n");
  CHECK(ends_of(spans, "first_agent") == "ok, rate_limit_exceeded");
  for (const char* workflow : {"first_agent", "second_agent", "late_agent"}) {
    const Span call = calls_of(spans, workflow_of(spans, workflow)).at(0);
    CHECK(attribute(call, "gen_ai.request.max_tokens") == "50");
    CHECK(attribute(call, "gen_ai.usage.output_tokens") == "96");
    CHECK(attribute(call, "http.response.status_code") == "200");
  }
}

TEST_CASE("a transfer ends when libcurl has its result, not when the multi has nothing more to do",
          "[e2e][multi]") {
  const Compared compared("curl_multi_drivers", each_variant(), {"poll"});
  const std::vector<Span> calls = spans_named(compared.spans(), "llm.request");
  REQUIRE(calls.size() == 4);
  // In the order of their start: 100 ms, 250 ms, 400 ms, and the late one at once.
  CHECK(calls[0].end_unix_nanos < calls[1].end_unix_nanos);
  CHECK(calls[1].end_unix_nanos < calls[2].end_unix_nanos);
  CHECK(calls[3].end_unix_nanos < calls[2].end_unix_nanos);
}

TEST_CASE("every request of a multi carries one tag, that of its own span", "[e2e][multi]") {
  const Compared compared("curl_multi_many", "gcc-O2", {"100"});
  std::map<std::string, Span> calls;
  for (const Span& call : spans_named(compared.spans(), "GET")) calls[call.span_id] = call;
  REQUIRE(calls.size() == 100);
  for (const SeenRequest& request : compared.server().log()) {
    REQUIRE(request.header("traceparent").size() == 1);
    const std::string id = id_in_traceparent(request.header("traceparent")[0]);
    REQUIRE(calls.count(id) == 1);
    CHECK(attribute(calls[id], "url.full") == compared.server().url(request.target));
  }
}

TEST_CASE("a hundred handles in one multi have the parents that they were added under", "[e2e][multi]") {
  const Compared compared("curl_multi_many", each_variant(), {"100"});
  // Each workflow is the parent of the next one, so the depth of a workflow is its place in order of start.
  const std::vector<Span> workflows = spans_named(compared.spans(), "workflow.nested_agent");
  REQUIRE(workflows.size() == 10);
  for (std::size_t depth = 0; depth < workflows.size(); ++depth) {
    const std::string url = compared.server().url("/echo?depth=" + std::to_string(depth));
    const std::vector<Span> calls = calls_of(compared.spans(), workflows[depth]);
    CHECK(calls.size() == 10);
    for (const Span& call : calls) CHECK(attribute(call, "url.full") == url);
  }
}

TEST_CASE("transfers end with their own results where nobody reads a message", "[e2e][multi]") {
  const Compared compared("curl_multi_many", "gcc-O2", {"20", "unread"});
  const std::vector<Span> calls = spans_named(compared.spans(), "GET");
  REQUIRE(calls.size() == 20);
  for (const Span& call : calls) {
    CHECK(attribute(call, "http.response.status_code") == "200");
    CHECK_FALSE(has_attribute(call, "llmobserve.end"));
  }
}

TEST_CASE("a handle may leave its multi in any way", "[e2e][multi]") {
  const Compared compared("curl_multi_lifetimes", each_variant());
  const std::vector<Span>& spans = compared.spans();
  CHECK(ends_of(spans, "removed_early_agent") == "cancelled");
  CHECK(ends_of(spans, "never_driven_agent").empty());
  CHECK(ends_of(spans, "readded_agent") == "ok, ok, ok");
  CHECK(ends_of(spans, "unread_agent") == "ok, ok, 404");
  CHECK(ends_of(spans, "cleaned_inside_agent") == "cancelled");
  CHECK(ends_of(spans, "multi_cleaned_agent") == "cancelled, ok");
  CHECK(ends_of(spans, "duplicated_agent") == "ok, ok");
  CHECK(ends_of(spans, "moved_agent") == "ok");
  CHECK(ends_of(spans, "refused_agent") == "ok");
  CHECK(ends_of(spans, "set_later_agent") == "ok");
  CHECK(ends_of(spans, "connecting_agent").empty());
  CHECK(ends_of(spans, "retrying_agent") == "server_error, ok");
  CHECK(ends_of(spans, "failing_agent") == "CURLE_COULDNT_RESOLVE_HOST, timeout, CURLE_COULDNT_CONNECT");
  // What libcurl asks to find a host is no call of the program's.
  CHECK(ends_of(spans, "resolving_agent") == "CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_HOST, ok");
}

TEST_CASE("what is set after a handle was added counts, and what is known at a cancellation is kept",
          "[e2e][multi]") {
  const Compared compared("curl_multi_lifetimes", "gcc-O2");
  const std::vector<Span>& spans = compared.spans();
  const Span later = calls_of(spans, workflow_of(spans, "set_later_agent")).at(0);
  CHECK(later.name == "llm.request");
  CHECK(attribute(later, "gen_ai.request.max_tokens") == "50");
  CHECK(attribute(later, "gen_ai.usage.output_tokens") == "96");

  const Span cancelled = calls_of(spans, workflow_of(spans, "removed_early_agent")).at(0);
  CHECK(cancelled.status == 0);
  CHECK(attribute(cancelled, "http.response.status_code") == "200");
  CHECK(attribute(cancelled, "gen_ai.response.model") == "gpt-4o-mini");
  CHECK_FALSE(has_attribute(cancelled, "error.type"));
}

TEST_CASE("a callback may try what libcurl refuses, ask others, pause and give up", "[e2e][multi]") {
  const Compared compared("curl_multi_callbacks", each_variant());
  const std::vector<Span>& spans = compared.spans();
  CHECK(tree_of(spans) ==
        "workflow.busy_agent\n"
        "  llm.request  [client]\n"
        "  GET  [client]\n"
        "  llm.request  [client]\n"
        "workflow.refusing_agent\n"
        "  llm.request  [client] ERROR\n"
        "workflow.aborting_agent\n"
        "  llm.request  [client] end=cancelled\n");
  CHECK(ends_of(spans, "refusing_agent") == "CURLE_WRITE_ERROR");
  // What was paused came twice and is read once.
  for (const Span& call : calls_of(spans, workflow_of(spans, "busy_agent"))) {
    if (call.name == "llm.request") CHECK(attribute(call, "gen_ai.usage.output_tokens") == "96");
  }
}

TEST_CASE("a callback that leaves the drive closes what it leaves, and other multis work on",
          "[e2e][multi]") {
  const std::string variant = each_variant();
  for (const char* way : {"throw", "exit"}) {
    CAPTURE(way);
    const Compared compared("curl_multi_left_by_callback", variant, {way});
    CHECK(ends_of(compared.spans(), "left_agent") == "unwound");
    CHECK(ends_of(compared.spans(), "next_agent") == "ok");
  }
  const Compared jumped("curl_multi_left_by_callback", variant, {"jump"});
  CHECK(ends_of(jumped.spans(), "left_agent") == "process_exit");
  CHECK(ends_of(jumped.spans(), "next_agent") == "ok");
}

TEST_CASE("each thread has its multi, and handles go from one to the next", "[e2e][multi]") {
  const Compared compared("curl_multi_threads", each_variant());
  const std::vector<Span> workflows = spans_named(compared.spans(), "workflow.thread_workflow");
  REQUIRE(workflows.size() == 8);
  for (const Span& workflow : workflows) CHECK(calls_of(compared.spans(), workflow).size() == 5);
}

TEST_CASE("a forked child that throws its copies away leaves the parent's transfers alone", "[e2e][multi]") {
  const Compared compared("curl_multi_fork", each_variant());
  CHECK(tree_of(compared.spans()) ==
        "workflow.parent_agent\n"
        "  llm.request  [client]\n"
        "  workflow.child_agent\n"
        "    GET  [client]\n"
        "  llm.request  [client]\n");
}

TEST_CASE("handles that were made out of sight are followed and left as they are", "[e2e][multi]") {
  const Compared compared("curl_multi_foreign", each_variant());
  CHECK(tree_of(compared.spans()) ==
        "workflow.foreign_agent\n"
        "  llm.request  [client]\n"
        "  llm.request  [client]\n"
        "  GET  [client]\n"
        "workflow.mixed_agent\n"
        "  GET  [client]\n"
        "  GET  [client]\n"
        "  GET  [client]\n");
  for (const SeenRequest& request : compared.server().log()) {
    CHECK(request.header("X-Own") == std::vector<std::string>{"1"});
    CHECK(request.header("traceparent").empty());
  }
}

TEST_CASE("the curl command fetches side by side with the same results, and leaves a trace", "[e2e][multi]") {
  MockServer server;
  Sandbox sandbox;
  const std::vector<std::string> argv = {"curl",
                                         "-sZ",
                                         "--no-progress-meter",
                                         "-w",
                                         "%{url} %{http_code} %{size_download}\n",
                                         "-o",
                                         "/dev/null",
                                         "-o",
                                         "/dev/null",
                                         "-o",
                                         "/dev/null",
                                         server.url("/bytes/100"),
                                         server.url("/bytes/200000"),
                                         server.url("/status/404")};
  const auto sorted_lines = [](const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  const Run with = sandbox.run(argv);
  const Run without = sandbox.run(argv, {.preload = false});
  CHECK(with.exit_code == without.exit_code);
  CHECK(sorted_lines(with.out) == sorted_lines(without.out));
  CHECK(spans_named(with.spans, "GET").size() == 3);
  for (const Span& call : spans_named(with.spans, "GET")) CHECK_FALSE(has_attribute(call, "llmobserve.end"));
}

}  // namespace
}  // namespace llmo::test
