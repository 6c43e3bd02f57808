// Kafka, by way of librdkafka: what is sent can be joined, and who gets it is linked to the sender. Each
// program brings a cluster of its own (librdkafka's mock).
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr const char* kForeignTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* kForeignSpan = "b7ad6b7169203331";

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int time = 0; time < times; ++time) text += line;
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string header_of(const Span& sender) {
  return " traceparent=00-" + sender.trace_id + "-" + sender.span_id + "-03";
}

// Without what the library has added: in each line the last header, which begins so.
std::string without_tags(const std::string& text, const std::vector<Span>& senders) {
  std::string left = text;
  for (const Span& sender : senders) {
    const std::string tag = header_of(sender);
    for (std::size_t at = left.find(tag); at != std::string::npos; at = left.find(tag))
      left.erase(at, tag.size());
  }
  return left;
}

Run run_plain(std::string_view program, std::string_view variant) {
  return run_under_shim(program, variant, {.preload = false, .wait_for_export = false});
}

// Those on librdkafka's own thread, of which there are as many as it has something to report.
std::vector<Span> take_deliveries(std::vector<Span>& spans) {
  const std::vector<Span> taken = spans_named(spans, "workflow.delivery_handler");
  std::erase_if(spans, [](const Span& span) { return span.name == "workflow.delivery_handler"; });
  return taken;
}

void check_link(const Span& span, std::size_t at, const std::string& trace_id, const std::string& span_id,
                int offset) {
  INFO(span.name << " link " << at);
  REQUIRE(span.links.size() > at);
  const Link& link = span.links[at];
  CHECK(link.trace_id == trace_id);
  CHECK(link.span_id == span_id);
  CHECK(attribute(link, "messaging.destination.partition.id") == "0");
  CHECK(attribute(link, "messaging.kafka.offset") == std::to_string(offset));
}

// The fifth of the messages came with a traceparent of the program's own, the last two have none.
void check_links(const Span& span, std::size_t at, const std::vector<Span>& senders, int offset) {
  if (offset < 4) {
    const Span& sender = senders[static_cast<std::size_t>(offset)];
    check_link(span, at, sender.trace_id, sender.span_id, offset);
  } else if (offset == 4) {
    check_link(span, at, kForeignTrace, kForeignSpan, offset);
  } else {
    CHECK(span.links.size() <= at);
  }
}

void check_senders(const std::vector<Span>& senders) {
  REQUIRE(senders.size() == 6);
  for (const Span& sender : senders) {
    CHECK(sender.kind == 4);
    CHECK(attribute(sender, "messaging.system") == "kafka");
    CHECK(attribute(sender, "messaging.operation.name") == "send");
    CHECK(attribute(sender, "messaging.operation.type") == "send");
    CHECK(attribute(sender, "messaging.destination.name") == "docs");
    CHECK(sender.links.size() == (&sender == &senders[4] ? 1 : 0));
  }
  CHECK(attribute(senders[0], "messaging.kafka.message.key") == "user-7");
  CHECK(attribute(senders[0], "messaging.message.body.size") == "5");
  CHECK_FALSE(has_attribute(senders[0], "messaging.destination.partition.id"));
  CHECK(attribute(senders[1], "messaging.destination.partition.id") == "0");
  CHECK_FALSE(has_attribute(senders[1], "messaging.kafka.message.key"));  // no text
  CHECK(attribute(senders[4], "messaging.kafka.message.tombstone") == "true");
  CHECK(senders[4].links.front().trace_id == kForeignTrace);
  CHECK(attribute(senders[5], "messaging.batch.message_count") == "2");
}

void check_polls(const std::vector<Span>& polls, const std::vector<Span>& senders) {
  REQUIRE(polls.size() == 9);
  for (std::size_t i = 0; i < 7; ++i) {
    check_links(polls[i], 0, senders, static_cast<int>(i));
    CHECK(attribute(polls[i], "messaging.operation.type") == "receive");
    CHECK(attribute(polls[i], "messaging.kafka.offset") == std::to_string(i));
    CHECK(attribute(polls[i], "messaging.destination.partition.id") == "0");
    CHECK(attribute(polls[i], "messaging.consumer.group.name") == "readers");
  }
  CHECK(attribute(polls[7], "messaging.batch.message_count") == "7");
  CHECK(polls[7].links.size() == 5);
  for (int i = 0; i < 5; ++i) check_links(polls[7], static_cast<std::size_t>(i), senders, i);
  CHECK(attribute(polls[8], "messaging.kafka.offset") == "6");
}

TEST_CASE("who gets a message of Kafka's is linked to whoever sent it, in whichever way", "[e2e][kafka]") {
  const std::string variant = each_variant();
  INFO(variant);
  Run run = run_under_shim("kafka_messages", variant);
  CHECK(run.exit_code == 0);
  const std::vector<Span> deliveries = take_deliveries(run.spans);
  CHECK_FALSE(deliveries.empty());
  for (const Span& delivery : deliveries) CHECK(delivery.parent_span_id.empty());
  CHECK(tree_of(run.spans) ==
        "workflow.making_workflow\n"
        "workflow.publishing_workflow\n"
        "  send docs  [producer]\n"
        "  workflow.variable_agent\n"
        "    send docs  [producer]\n" +
            repeated("  send docs  [producer]\n", 4) +
            repeated("poll docs  [consumer]\nworkflow.message_agent\n", 7) +
            "workflow.quiet_agent\n"
            "poll docs  [consumer]\nworkflow.batch_agent\n" +
            repeated("process docs  [consumer]\n  workflow.called_agent\n", 7) +
            "poll docs  [consumer]\nworkflow.message_agent\n");

  const std::vector<Span> senders = spans_named(run.spans, "send docs");
  check_senders(senders);
  check_polls(spans_named(run.spans, "poll docs"), senders);
  const std::vector<Span> handlers = spans_named(run.spans, "workflow.message_agent");
  const std::vector<Span> processes = spans_named(run.spans, "process docs");
  for (std::size_t i = 0; i < 7; ++i) {
    check_links(handlers[i], 0, senders, static_cast<int>(i));
    check_links(processes[i], 0, senders, static_cast<int>(i));
  }
  CHECK(only_span(run.spans, "workflow.batch_agent").links.size() == 5);
  CHECK(only_span(run.spans, "workflow.quiet_agent").links.empty());

  // The program's own headers come first, in their order.
  const std::vector<std::string> lines = lines_of(run.out);
  REQUIRE(lines.size() == 16);
  CHECK(lines[0] == "docs plain key user-7" + header_of(senders[0]));
  CHECK(lines[1] == "docs variable key k\xff own=1 own=2" + header_of(senders[1]));
  CHECK(lines[2] == "docs headers list=1 list=2" + header_of(senders[2]));
  CHECK(lines[3] == "docs array own=3" + header_of(senders[3]));
  if (variant == "gcc-O2") {
    CHECK(without_tags(run.out, senders) == run_plain("kafka_messages", variant).out);
  }
}

TEST_CASE("what Kafka does not take is refused as it would be without the library", "[e2e][kafka]") {
  const Run plain = run_plain("kafka_errors", "gcc-O2");
  const Run run = run_under_shim("kafka_errors", "gcc-O2");
  CHECK(plain.exit_code == 0);
  CHECK(run.exit_code == 0);
  CHECK(run.out == plain.out);
  CHECK(run.err == plain.err);
  std::map<std::string, int> errors;
  for (const Span& sender : spans_named(run.spans, "send docs")) {
    CHECK((sender.status == 2) == has_attribute(sender, "error.type"));
    ++errors[attribute(sender, "error.type")];
  }
  CHECK(errors["MSG_SIZE_TOO_LARGE"] == 2);
  CHECK(errors["_UNKNOWN_PARTITION"] == 3);
  CHECK(errors["_QUEUE_FULL"] == 3);
  CHECK(errors["_FATAL"] == 2);
}

TEST_CASE("a callback that is left by an exception or the thread's end is as without, and its span says so",
          "[e2e][kafka]") {
  const Run plain = run_plain("kafka_callbacks", "gcc-O2");
  const Run run = run_under_shim("kafka_callbacks", "gcc-O2");
  CHECK(plain.exit_code == 0);
  CHECK(run.exit_code == 0);
  CHECK(plain.out == "caught: 5 bytes\nexited\n");
  CHECK(run.out == plain.out);
  const std::vector<Span> processes = spans_named(run.spans, "process docs");
  REQUIRE(processes.size() == 2);
  CHECK(attribute(processes[0], "llmobserve.end") == "exception");
  CHECK(processes[0].status == 2);
  CHECK(attribute(processes[1], "llmobserve.end") == "thread_exit");
  CHECK(processes[1].status != 2);
}

TEST_CASE("librdkafka's C++ interface comes by the same hooks, and tracestate goes along", "[e2e][kafka]") {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const Run run = run_under_shim(
      "kafka_plusplus", "gcc-O2",
      {.env = {{"TRACEPARENT", "00-" + trace + "-00f067aa0ba902b7-01"}, {"TRACESTATE", "vendor=1"}}});
  CHECK(run.exit_code == 0);
  const std::vector<Span> senders = spans_named(run.spans, "send docs");
  REQUIRE(senders.size() == 3);
  const auto tag = [&](const Span& sender) {
    return " traceparent=00-" + trace + "-" + sender.span_id + "-01 tracestate=vendor=1\n";
  };
  CHECK(run.out == "docs plain key user-7" + tag(senders[0]) + "docs headers own=1" + tag(senders[1]) +
                       "docs unreadable traceparent=00-nonsense\n");
  const std::vector<Span> handlers = spans_named(run.spans, "workflow.message_agent");
  REQUIRE(handlers.size() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    REQUIRE(handlers[i].links.size() == 1);
    CHECK(handlers[i].links.front().span_id == senders[i].span_id);
    CHECK(handlers[i].links.front().tracestate == "vendor=1");
  }
  CHECK(handlers[2].links.empty());
  CHECK(senders[2].links.empty());
}

constexpr const char* kPython = R"(
import confluent_kafka as k
p = k.Producer({'test.mock.num.brokers': 1, 'linger.ms': 1, 'log_level': 0})
p.produce('docs', b'plain', key='user-7')
p.produce('docs', b'headers', headers=[('own', b'1'), ('own', None)])
p.flush(10)
b = next(iter(p.list_topics('docs', 10).brokers.values()))
c = k.Consumer({'bootstrap.servers': '%s:%d' % (b.host, b.port), 'group.id': 'readers',
                'fetch.wait.max.ms': 10, 'log_level': 0})
c.assign([k.TopicPartition('docs', i, 0) for i in range(4)])
got = []
while len(got) < 2:
    m = c.poll(1.0)
    if m is not None and m.error() is None: got.append(m)
for m in sorted(got, key=lambda m: m.value()):
    print(m.value(), m.key(), [h for h in m.headers() or [] if h[0] != 'traceparent'])
c.close()
)";

TEST_CASE("an extension module of Python's sends and gets messages as it does without", "[e2e][kafka]") {
  Sandbox sandbox;
  const std::vector<std::string> command{"/usr/bin/python3", "-c", kPython};
  const Run plain = sandbox.run(command, {.preload = false, .wait_for_export = false});
  const Run run = sandbox.run(command);
  CHECK(plain.exit_code == 0);
  CHECK(plain.err.empty());
  CHECK(run.out == plain.out);
  const std::vector<Span> senders = spans_named(run.spans, "send docs");
  const std::vector<Span> polls = spans_named(run.spans, "poll docs");
  REQUIRE(senders.size() == 2);
  REQUIRE(polls.size() == 2);
  for (const Span& poll : polls) {
    REQUIRE(poll.links.size() == 1);
    CHECK(std::ranges::count_if(senders, [&](const Span& sender) {
            return sender.span_id == poll.links.front().span_id;
          }) == 1);
  }
}

TEST_CASE("messages are not tagged where LLMOBSERVE_TAG_REQUESTS says so", "[e2e][kafka]") {
  const Run plain = run_plain("kafka_messages", "gcc-O2");
  const Run run = run_under_shim("kafka_messages", "gcc-O2", {.env = {{"LLMOBSERVE_TAG_REQUESTS", "false"}}});
  CHECK(run.exit_code == 0);
  CHECK(run.out == plain.out);
  CHECK(spans_named(run.spans, "send docs").size() == 6);
}

}  // namespace
}  // namespace llmo::test
