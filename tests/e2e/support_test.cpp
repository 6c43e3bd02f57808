// The tests' own tools: what a test says of a trace is only as good as these.
#include <signal.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/support/mock_server.h"
#include "tests/support/otlp_reader.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {
namespace {

Span span(const std::string& name, const std::string& id, const std::string& parent, std::uint64_t start) {
  Span span;
  span.trace_id = std::string(32, 'a');
  span.span_id = id;
  span.parent_span_id = parent;
  span.name = name;
  span.kind = 1;
  span.start_unix_nanos = start;
  span.end_unix_nanos = start + 1;
  return span;
}

constexpr const char* kLine =
    R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},)"
    R"("scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef",)"
    R"("name":"GET","kind":3,"startTimeUnixNano":"1767225600000000001","endTimeUnixNano":"1767225600000000002",)"
    R"("attributes":[{"key":"n","value":{"intValue":"-7"}},{"key":"d","value":{"doubleValue":0.5}},)"
    R"({"key":"b","value":{"boolValue":true}},)"
    R"({"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"y"}]}}}],)"
    R"("status":{"code":2,"message":"no"}}]}]}]})"
    "\n";

TEST_CASE("the tree is ordered by start, and shows kind, status and end", "[support]") {
  Span call = span("POST", "3", "1", 30);
  call.kind = 3;
  call.status = 2;
  Span open = span("late", "4", "1", 40);
  open.attributes["llmobserve.end"] = std::string("killed");
  CHECK(tree_of({open, call, span("early", "2", "1", 20), span("root", "1", "", 10)}) ==
        "root\n"
        "  early\n"
        "  POST  [client] ERROR\n"
        "  late end=killed\n");
}

TEST_CASE("the tree shows what is wrong with a trace", "[support]") {
  Span remote = span("served", "9", "8", 90);
  remote.flags = 0x300;
  CHECK(tree_of({span("lost", "2", "7", 20), remote}) == "lost [parent missing]\nserved [remote parent]\n");
  CHECK(tree_of({span("a", "1", "", 10), span("a", "1", "", 10)}) == "a [twice]\na [twice]\n");
  CHECK(tree_of({span("a", "1", "2", 10), span("b", "2", "1", 20)}).find("cycle") != std::string::npos);
}

TEST_CASE("a span is its own trace's child only", "[support]") {
  Span other = span("other", "2", "1", 20);
  other.trace_id = std::string(32, 'b');
  CHECK(tree_of({span("root", "1", "", 10), other}) == "root\nother [parent missing]\n");
}

TEST_CASE("attributes of every type are read as text", "[support]") {
  const std::vector<Span> spans = read_otlp_lines(kLine);
  REQUIRE(spans.size() == 1);
  CHECK(attribute(spans[0], "n") == "-7");
  CHECK(attribute(spans[0], "d") == "0.5");
  CHECK(attribute(spans[0], "b") == "true");
  CHECK(attribute(spans[0], "l") == "x,y");
  CHECK(attribute(spans[0], "absent").empty());
  CHECK_FALSE(has_attribute(spans[0], "absent"));
  CHECK(resource_attribute(spans[0], "service.name") == "svc");
  CHECK(spans[0].status_message == "no");
  CHECK(spans[0].end_unix_nanos - spans[0].start_unix_nanos == 1);
}

TEST_CASE("a line that OTLP does not allow is an error", "[support]") {
  const std::string line = kLine;
  const auto with = [&line](const std::string& from, const std::string& to) {
    std::string changed = line;
    return changed.replace(changed.find(from), from.size(), to);
  };
  CHECK_THROWS(read_otlp_lines("{}\n"));
  CHECK_THROWS(read_otlp_lines("not json\n"));
  CHECK_THROWS(read_otlp_lines(line.substr(0, line.size() - 1)));
  CHECK_THROWS(read_otlp_lines(with("\"kind\":3", "\"kind\":\"SPAN_KIND_CLIENT\"")));
  CHECK_THROWS(read_otlp_lines(with("0123456789abcdef\"", "0123456789ABCDEF\"")));
  CHECK_THROWS(read_otlp_lines(with("00000002\"", "00000000\"")));
  CHECK_THROWS(read_otlp_lines(with("\"key\":\"d\"", "\"key\":\"n\"")));
}

TEST_CASE("only_span wants exactly one", "[support]") {
  CHECK(only_span({span("a", "1", "", 1)}, "a").span_id == "1");
  CHECK_THROWS_AS(only_span({}, "a"), std::runtime_error);
  CHECK_THROWS_AS(only_span({span("a", "1", "", 1), span("a", "2", "", 2)}, "a"), std::runtime_error);
}

TEST_CASE("a command's output, exit code and signal come back", "[support]") {
  const Finished exits = run_command({.argv = {"sh", "-c", "cat; echo err >&2; exit 7"}, .input = "in"});
  CHECK(exits.out == "in");
  CHECK(exits.err == "err\n");
  CHECK(exits.exit_code == 7);
  CHECK(exits.signal == 0);
  CHECK(run_command({.argv = {"sh", "-c", "kill -USR1 $$"}}).signal == SIGUSR1);
  CHECK(run_command({.argv = {"/no/such/program"}}).exit_code == 127);
}

TEST_CASE("a command that does not end is killed, and that is an error", "[support]") {
  Command command{.argv = {"sleep", "100"}};
  command.timeout = std::chrono::milliseconds{50};
  CHECK_THROWS_AS(run_command(command), std::runtime_error);
  command.timeout = std::chrono::seconds{30};
  command.kill_after = std::chrono::milliseconds{20};
  CHECK(run_command(command).signal == SIGKILL);
}

TEST_CASE("a temporary directory goes with all it holds", "[support]") {
  std::filesystem::path path;
  {
    const TempDir directory;
    path = directory.path();
    std::filesystem::create_directories(path / "a/b");
    write_text(path / "a/b/c", "text");
    CHECK(read_text(path / "a/b/c") == "text");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the mock server keeps headers as they were sent", "[support]") {
  const MockServer server;
  const std::string answer = server.exchange(
      "POST /echo?x=1 HTTP/1.1\r\nHost: h\r\nTraceParent: a\r\ntraceparent: b\r\nConnection: close\r\n"
      "Content-Length: 4\r\n\r\nbody");
  CHECK(answer.starts_with("HTTP/1.1 200"));
  REQUIRE(server.log().size() == 1);
  const SeenRequest seen = server.log().front();
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/echo?x=1");
  CHECK(seen.body == "body");
  CHECK(seen.headers[1] == std::pair<std::string, std::string>{"TraceParent", "a"});
  CHECK(seen.header("traceparent") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the mock server fails once, cuts and resets as asked", "[support]") {
  const MockServer server;
  const auto ask = [&server](const std::string& behaviour) {
    return server.exchange("POST /v1/messages HTTP/1.1\r\nConnection: close\r\nX-Mock: " + behaviour +
                           "\r\nContent-Length: 2\r\n\r\n{}");
  };
  CHECK(ask("fail-429-once:k").starts_with("HTTP/1.1 429"));
  CHECK(ask("fail-429-once:k").starts_with("HTTP/1.1 200"));
  CHECK(ask("status:503").starts_with("HTTP/1.1 503"));
  CHECK(ask("cut:10").ends_with("\r\n\r\n{\"id\":\"msg"));
  CHECK(ask("reset").empty());
}

}  // namespace
}  // namespace llmo::test
