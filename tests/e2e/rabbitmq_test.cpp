// Messages by way of RabbitMQ: a real server, programs of librabbitmq, and a worker of Celery.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/e2e/rabbit_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using Words = std::vector<std::string>;

// Started by the first test that needs it. nullptr, with a word about it, where there is none to be had.
const RabbitServer* rabbit() {
  if (!RabbitServer::is_there()) {
    WARN("RabbitMQ could not be fetched: not tested");
    return nullptr;
  }
  static const RabbitServer server;
  return &server;
}

Run run_messages(const RabbitServer& server, const Words& steps, const Environment& env = {}) {
  Words args{server.port()};
  args.insert(args.end(), steps.begin(), steps.end());
  Run run = run_under_shim("amqp_messages", "gcc-O2", {.args = args, .env = env});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  return run;
}

std::string traceparent_of(const Span& span) { return "00-" + span.trace_id + "-" + span.span_id + "-"; }

// What the span is linked to: "trace span" of each.
std::string links_of(const Span& span) {
  std::string text;
  for (const Link& link : span.links) text += link.trace_id + " " + link.span_id + "\n";
  return text;
}

std::string link_to(const Span& span) { return span.trace_id + " " + span.span_id + "\n"; }

constexpr const char* kCarried = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char* kCarriedLink = "0af7651916cd43dd8448eb211c80319c b7ad6b7169203331\n";

// What stands behind `start` in the line that begins with it.
std::string rest_of_line(const std::string& text, const std::string& start) {
  const std::size_t at = text.find(start);
  if (at == std::string::npos) return "(no line)";
  return text.substr(at + start.size(), text.find('\n', at) - at - start.size());
}

std::string without_flags(std::string traceparent) {
  return traceparent.substr(0, traceparent.rfind('-') + 1);
}

// What order_workflow sends, and what is done with each message that is consumed.
constexpr const char* kOrderTree =
    "workflow.order_workflow\n"
    "  publish orders:order.new  [producer]\n"
    "  publish orders:order.new  [producer]\n"
    "  publish billing  [producer]\n"
    "consume orders:order.new:billing  [consumer]\n"
    "workflow.handle_workflow\n"
    "consume orders:order.new:billing  [consumer]\n"
    "workflow.handle_workflow\n"
    "consume billing  [consumer]\n"
    "workflow.handle_workflow\n"
    "workflow.tidy_workflow\n";

// The messages of order_workflow, as they came and as their spans tell of them.
void check_received(const Run& run, const std::string& operation) {
  const std::vector<Span> sent = spans_named(run.spans, "publish orders:order.new");
  const std::vector<Span> got = spans_named(run.spans, operation + " orders:order.new:billing");
  const std::vector<Span> handled = spans_named(run.spans, "workflow.handle_workflow");
  REQUIRE(sent.size() == 2);
  REQUIRE(got.size() == 2);
  REQUIRE(handled.size() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(links_of(got[i]) == link_to(sent[i]));
    CHECK(links_of(handled[i]) == link_to(sent[i]));
    CHECK(got[i].trace_id != sent[i].trace_id);
  }
  CHECK(links_of(only_span(run.spans, operation + " billing")) == kCarriedLink);
  CHECK(links_of(handled[2]) == kCarriedLink);
  for (const Span& tidied : spans_named(run.spans, "workflow.tidy_workflow")) CHECK(tidied.links.empty());
  // Behind the program's own headers, which are as they were.
  CHECK(without_flags(rest_of_line(run.out, "with headers:")) ==
        " lang=cpp tries=(I) traceparent=" + traceparent_of(sent[0]));
  CHECK(without_flags(rest_of_line(run.out, "without properties:")) ==
        " traceparent=" + traceparent_of(sent[1]));
  CHECK(rest_of_line(run.out, "carries its own:") == std::string(" a=1 traceparent=") + kCarried);
  CHECK(run.out.find("properties were changed") == std::string::npos);
}

TEST_CASE("a message carries the span that sent it, and who gets it is linked to that span",
          "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"publish", "consume"});
  check_received(run, "consume");
  CHECK(tree_of(run.spans) == kOrderTree);
  // The wait for a message that did not come is no span.
  CHECK(run.out.find("request timed out\n") != std::string::npos);
}

TEST_CASE("spans of messages say what OpenTelemetry's conventions ask for", "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"publish", "get"});
  check_received(run, "get");
  const Span sent = spans_named(run.spans, "publish orders:order.new")[0];
  const Span got = spans_named(run.spans, "get orders:order.new:billing")[0];
  for (const Span& span : {sent, got}) {
    CHECK(attribute(span, "messaging.system") == "rabbitmq");
    CHECK(attribute(span, "messaging.rabbitmq.destination.routing_key") == "order.new");
    CHECK(attribute(span, "messaging.message.id") == "m-1");
    CHECK(attribute(span, "messaging.message.conversation_id") == "c-1");
    CHECK(attribute(span, "messaging.message.body.size") == "12");
    CHECK(attribute(span, "server.address") == "localhost");
    CHECK(attribute(span, "server.port") == server->port());
  }
  CHECK(attribute(sent, "messaging.operation.name") == "publish");
  CHECK(attribute(sent, "messaging.operation.type") == "send");
  CHECK(attribute(sent, "messaging.destination.name") == "orders:order.new");
  CHECK(attribute(got, "messaging.operation.name") == "get");
  CHECK(attribute(got, "messaging.operation.type") == "receive");
  CHECK(attribute(got, "messaging.destination.name") == "orders:order.new:billing");
  CHECK(attribute(got, "messaging.rabbitmq.message.delivery_tag") == "1");
  CHECK(links_of(spans_named(run.spans, "publish billing")[0]) == kCarriedLink);
}

TEST_CASE("messages that cannot be sent are errors, names that the server makes up are left out",
          "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"fail"});
  CHECK(tree_of(run.spans) ==
        "workflow.reply_workflow\n"
        "  publish  [producer]\n"
        "  publish orders:order.lost  [producer] ERROR\n");
  const Span reply = only_span(run.spans, "publish");
  CHECK(attribute(reply, "messaging.destination.name").starts_with("amq.gen-"));
  CHECK(attribute(reply, "messaging.destination.anonymous") == "true");
  CHECK(run.out == "a socket error occurred\n");
  CHECK(attribute(only_span(run.spans, "publish orders:order.lost"), "error.type") ==
        "AMQP_STATUS_SOCKET_ERROR");
}

TEST_CASE("messages with odd headers arrive as they were sent", "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"odd", "consume"});
  const std::vector<Span> sent = spans_named(run.spans, "publish billing");
  const std::vector<Span> got = spans_named(run.spans, "consume billing");
  REQUIRE(sent.size() == 5);
  REQUIRE(got.size() == 5);
  CHECK(rest_of_line(run.out, "number:") == " traceparent=(l)");
  CHECK(rest_of_line(run.out, "broken:") == std::string(" traceparent=00-\xff\xfe Traceparent=") + kCarried);
  CHECK(rest_of_line(run.out, "many:") == " (3000 headers)");
  CHECK(rest_of_line(run.out, "large:") == " text=(long)");
  CHECK(without_flags(rest_of_line(run.out, "nested:")) ==
        " leaf=1 below=(F) traceparent=" + traceparent_of(sent[4]));
  for (std::size_t i = 0; i < 4; ++i) CHECK(got[i].links.empty());
  CHECK(links_of(got[4]) == link_to(sent[4]));
}

TEST_CASE("LLMOBSERVE_TAG_REQUESTS counts for messages too", "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"publish", "consume"}, {{"LLMOBSERVE_TAG_REQUESTS", "!localhost"}});
  CHECK(rest_of_line(run.out, "with headers:") == " lang=cpp tries=(I)");
  CHECK(rest_of_line(run.out, "without properties:").empty());
  CHECK(spans_named(run.spans, "publish orders:order.new").size() == 2);
  for (const Span& span : spans_named(run.spans, "consume orders:order.new:billing"))
    CHECK(span.links.empty());
}

TEST_CASE("a program that reads frames by itself is linked too, one that gets its own back is not",
          "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const Run run = run_messages(*server, {"publish", "frames", "returned"});
  check_received(run, "consume");
  CHECK(tree_of(run.spans) == std::string(kOrderTree) +
                                  "publish orders:nowhere  [producer]\n"
                                  "workflow.tidy_workflow\n");
  const Span sent = only_span(run.spans, "publish orders:nowhere");
  CHECK(without_flags(rest_of_line(run.out, "returned:")) == " traceparent=" + traceparent_of(sent));
}

// --- programs of others

TEST_CASE("the command-line tools of librabbitmq hand the trace on", "[e2e][messaging][rabbitmq]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const std::string url = "amqp://guest:guest@127.0.0.1:" + server->port();
  const Environment env{{"LD_PRELOAD", preload_value()},
                        {"LD_LIBRARY_PATH", RabbitServer::library_path().string()}};
  Sandbox sandbox;
  const auto run = [&](const std::string& tool, const Words& words) {
    Words argv{RabbitServer::program_path() / tool, "-u", url};
    argv.insert(argv.end(), words.begin(), words.end());
    Run done = sandbox.run(argv, {.env = env});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    return done;
  };
  run("amqp-declare-queue", {"-q", "tools"});
  run("amqp-publish", {"-r", "tools", "-b", "one"});
  CHECK(run("amqp-get", {"-q", "tools"}).out == "one");
  run("amqp-publish", {"-r", "tools", "-b", "two"});
  const Run last = run("amqp-consume", {"-q", "tools", "-c", "1", "cat"});
  CHECK(last.out == "two");
  const std::vector<Span> sent = spans_named(last.spans, "publish tools");
  REQUIRE(sent.size() == 2);
  CHECK(links_of(only_span(last.spans, "get tools")) == link_to(sent[0]));
  CHECK(links_of(only_span(last.spans, "consume tools")) == link_to(sent[1]));
}

constexpr const char* kJobs =
    "import os, celery\n"
    "app = celery.Celery('jobs', broker=os.environ['BROKER'])\n"
    "@app.task(bind=True, name='jobs.note', ignore_result=True)\n"
    "def note(self, left, right):\n"
    "    with open('part', 'w') as seen:\n"
    "        seen.write('%d %s' % (left + right, getattr(self.request, 'traceparent', None)))\n"
    "    os.rename('part', 'seen')\n";

TEST_CASE("a Celery worker finds the span that sent a task", "[e2e][messaging][rabbitmq][celery]") {
  const RabbitServer* const server = rabbit();
  if (server == nullptr) return;
  const TempDir dir;
  write_text(dir.path() / "jobs.py", kJobs);
  Environment env = clean_environment();
  env["PYTHONPATH"] = RabbitServer::python_path().string();
  env["PYTHONDONTWRITEBYTECODE"] = "1";
  env["BROKER"] = "amqp://guest:guest@127.0.0.1:" + server->port() + "//";
  const Background worker({.argv = {"python3", "-m", "celery", "-A", "jobs", "worker", "--pool=solo",
                                    "--without-gossip", "--without-mingle", "--without-heartbeat"},
                           .environment = env,
                           .directory = dir.path()});
  const Run run = run_messages(*server, {"task"});
  const bool has_run = wait_until([&] { return std::filesystem::exists(dir.path() / "seen"); });
  INFO(worker.output());
  REQUIRE(has_run);
  CHECK(without_flags(read_text(dir.path() / "seen")) ==
        "42 " + traceparent_of(only_span(run.spans, "publish celery")));
}

}  // namespace
}  // namespace llmo::test
