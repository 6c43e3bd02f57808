// The OTLP exporter against a receiver that takes, refuses, hangs and talks nonsense.
#include "exporters/otlp/otlp_exporter.h"

#include <catch2/catch.hpp>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <vector>

#include "exporters/otlp/otlp_answer.h"
#include "exporters/otlp/protobuf_writer.h"
#include "exporters/otlp/request_cut.h"
#include "exporters/span/version.h"
#include "tests/support/collector.h"
#include "tests/support/otlp_protobuf.h"
#include "tests/support/process.h"

namespace llmo::otlp {
namespace {

using namespace std::chrono_literals;
using llmo::test::Collector;
using llmo::test::CollectorAnswer;
using llmo::test::header_value;
using Way = CollectorAnswer::Way;

std::vector<Span> make_spans(std::size_t count, std::size_t bytes = 0) {
  const auto resource = std::make_shared<Resource>();
  std::vector<Span> spans(count);
  for (std::size_t i = 0; i < count; ++i) {
    spans[i].trace_id = {1, 2};
    spans[i].span_id = i + 1;
    spans[i].name = "span " + std::to_string(i);
    spans[i].end_unix_nanos = 5;
    spans[i].resource = resource;
    if (bytes != 0) spans[i].status_message = std::string(bytes, 'm');
  }
  return spans;
}

OtlpSettings settings_for(const Collector& collector) {
  OtlpSettings settings;
  settings.url = collector.url("/v1/traces");
  settings.timeout = 20s;
  return settings;
}

std::string partial_success(std::int64_t rejected, const std::string& message) {
  std::string inner;
  protozero::pbf_writer fields(inner);
  if (rejected != 0) fields.add_int64(1, rejected);
  if (!message.empty()) fields.add_string(2, message);
  std::string body;
  protozero::pbf_writer(body).add_message(1, inner);
  return body;
}

std::string status_message(const std::string& message) {
  std::string body;
  protozero::pbf_writer fields(body);
  fields.add_int32(1, 3);
  fields.add_string(2, message);
  return body;
}

struct Outcome {
  bool taken = false;
  ExportCounts counts;
  std::string problem;
  std::chrono::milliseconds retry_in{};
  std::string warning;
};

// Ten spans, sent once.
Outcome send_to(const CollectorAnswer& answer, OtlpSettings settings = {}) {
  Collector collector;
  collector.answer(answer);
  settings.url = collector.url("/v1/traces?key=hush");
  OtlpExporter exporter(settings, {});
  Outcome outcome;
  outcome.taken = exporter.export_batch(make_spans(10));
  outcome.counts = exporter.counts();
  outcome.problem = exporter.problem();
  outcome.retry_in = exporter.retry_in();
  outcome.warning = exporter.take_warning();
  CHECK(exporter.take_warning().empty());
  CHECK(outcome.warning.find("hush") == std::string::npos);
  CHECK(outcome.problem.find("hush") == std::string::npos);
  return outcome;
}

// --- what is sent ------------------------------------------------------------------------------------------

TEST_CASE("spans arrive as protobuf, whole, over one connection", "[otlp]") {
  Collector collector;
  OtlpSettings settings = settings_for(collector);
  settings.headers = {{"api-key", "k"}};
  OtlpExporter exporter(settings, {});
  REQUIRE(exporter.export_batch(make_spans(3)));
  REQUIRE(exporter.export_batch(make_spans(2)));
  const auto requests = collector.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].target == "/v1/traces");
  CHECK(requests[1].connection == 1);
  CHECK(header_value(requests[0].headers, "Content-Type") == "application/x-protobuf");
  CHECK(header_value(requests[0].headers, "api-key") == "k");
  CHECK(header_value(requests[0].headers, "User-Agent") ==
        std::string("llmobserve-otlp-exporter-cpp/") + kVersion);
  CHECK(collector.spans().size() == 5);
  CHECK(collector.spans()[1].name == "span 1");
  CHECK(exporter.counts().exported == 5);
  CHECK(exporter.counts().dropped == 0);
  CHECK(exporter.take_warning().empty());
}

TEST_CASE("JSON and gzip are sent where they are asked for", "[otlp]") {
  Collector collector;
  OtlpSettings settings = settings_for(collector);
  settings.protocol = Protocol::kJson;
  settings.gzip = true;
  OtlpExporter exporter(settings, {});
  REQUIRE(exporter.export_batch(make_spans(3)));
  const auto requests = collector.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].gzip);
  CHECK(header_value(requests[0].headers, "Content-Type") == "application/json");
  CHECK(collector.spans().at(2).name == "span 2");
}

TEST_CASE("every part of a span is written where OTLP has it", "[otlp]") {
  Span span;
  span.trace_id = {0x0102030405060708, 0x090a0b0c0d0e0f10};
  span.span_id = 0xa1a2a3a4a5a6a7a8;
  span.parent_span_id = 1;
  span.name = "chat";
  span.kind = SpanKind::kClient;
  span.start_unix_nanos = 1;
  span.end_unix_nanos = 2;
  span.status = StatusCode::kError;
  span.status_message = "no";
  span.attributes = {{"s", std::string()},
                     {"b", false},
                     {"i", std::int64_t{-7}},
                     {"d", 0.5},
                     {"l", std::vector<std::string>{"x", ""}}};
  span.events = {{9, "exception", {{"k", true}}}};
  span.links = {{{3, 4}, 5, "a=b", {{"k", std::int64_t{1}}}, 0x301}};
  span.flags = 0x101;
  auto resource = std::make_shared<Resource>();
  resource->attributes = {{"service.name", std::string("svc")}};
  span.resource = resource;
  const std::vector<Span> spans{span};
  std::string bytes = "before";
  append_otlp_protobuf(spans, bytes);
  REQUIRE(bytes.starts_with("before"));

  const auto read = llmo::test::read_otlp_protobuf(bytes.substr(6));
  REQUIRE(read.size() == 1);
  CHECK(read[0].trace_id == "0102030405060708090a0b0c0d0e0f10");
  CHECK(read[0].span_id == "a1a2a3a4a5a6a7a8");
  CHECK(read[0].parent_span_id == "0000000000000001");
  CHECK(read[0].kind == 3);
  CHECK(read[0].start_unix_nanos == 1);
  CHECK(read[0].end_unix_nanos == 2);
  CHECK(read[0].status == 2);
  CHECK(read[0].status_message == "no");
  CHECK(read[0].flags == 0x101);
  CHECK(read[0].attributes.size() == 5);
  CHECK(has_attribute(read[0], "s"));
  CHECK(attribute(read[0], "b") == "false");
  CHECK(attribute(read[0], "i") == "-7");
  CHECK(attribute(read[0], "d") == "0.5");
  CHECK(attribute(read[0], "l") == "x,");
  REQUIRE(read[0].events.size() == 1);
  CHECK(read[0].events[0].unix_nanos == 9);
  REQUIRE(read[0].links.size() == 1);
  CHECK(read[0].links[0].trace_id == "00000000000000030000000000000004");
  CHECK(read[0].links[0].tracestate == "a=b");
  CHECK(read[0].links[0].flags == 0x301);
  CHECK(attribute(read[0].links[0], "k") == "1");
  CHECK(resource_attribute(read[0], "service.name") == "svc");
}

TEST_CASE("a batch is cut by number and by size, and nothing of it is left out", "[otlp]") {
  Collector collector;
  OtlpSettings settings = settings_for(collector);
  settings.max_batch = 4;
  OtlpExporter exporter(settings, {});
  REQUIRE(exporter.export_batch(make_spans(9)));
  CHECK(collector.requests().size() == 3);
  REQUIRE(exporter.export_batch(make_spans(3, 1'500'000)));
  const auto requests = collector.requests();
  CHECK(requests.size() == 6);
  for (const auto& request : requests) CHECK(request.body.size() < 2'100'000);
  CHECK(collector.spans().size() == 12);
  CHECK(exporter.counts().exported == 12);
}

TEST_CASE("the estimate of a request's size is never too small", "[otlp]") {
  std::vector<Span> spans = make_spans(20, 50);
  for (Span& span : spans) {
    span.attributes = {
        {"k", std::int64_t{-1}}, {"text", std::string(300, 'x')}, {"l", std::vector<std::string>(9)}};
    span.events = {{9, "e", {{"k", 0.5}}}};
    span.links = {{{3, 4}, 5, "a=b", {{"k", true}}, 1}};
    span.tracestate = std::string(500, 't');
    span.parent_span_id = 1;
    span.status = StatusCode::kError;
    span.dropped_attributes = ~0U;
    span.resource = std::make_shared<Resource>();
  }
  std::size_t count = 0;
  for (std::size_t most = 1000; count < spans.size(); most += 500) {
    count = spans_that_fit(spans, 100, most);
    std::string bytes;
    append_otlp_protobuf(std::span(spans).first(count), bytes);
    CHECK((bytes.size() <= most || count == 1));
  }
  CHECK(spans_that_fit(spans, 100, 1) == 1);
  CHECK(spans_that_fit(spans, 3, 1 << 20) == 3);
}

TEST_CASE("a span that no receiver may take is dropped, and those around it are not", "[otlp]") {
  Collector collector;
  OtlpExporter exporter(settings_for(collector), {});
  std::vector<Span> spans = make_spans(3);
  spans[1].status_message = std::string(65 << 20, 'm');
  REQUIRE(exporter.export_batch(spans));
  CHECK(collector.spans().size() == 2);
  CHECK(exporter.counts().exported == 2);
  CHECK(exporter.counts().dropped == 1);
  CHECK(exporter.take_warning().find("64 MiB") != std::string::npos);
}

// --- answers -----------------------------------------------------------------------------------------------

TEST_CASE("a success in any form is one", "[otlp]") {
  for (const CollectorAnswer& answer :
       {CollectorAnswer{}, CollectorAnswer{.body = "{}"}, CollectorAnswer{.status = 202},
        CollectorAnswer{.body = std::string("\x0a\0", 2)},
        CollectorAnswer{.body = R"({"partialSuccess":{}})"}}) {
    const Outcome outcome = send_to(answer);
    CHECK(outcome.taken);
    CHECK(outcome.counts.exported == 10);
    CHECK(outcome.warning.empty());
  }
}

TEST_CASE("what a partial success rejects is counted and told, and never sent again", "[otlp]") {
  for (const std::string& body :
       {partial_success(4, "too old"),
        std::string(R"( {"partialSuccess":{"rejectedSpans":"4","errorMessage":"too old"}})"),
        std::string(R"({"partialSuccess":{"rejectedSpans":4,"errorMessage":"too old"}})")}) {
    const Outcome outcome = send_to({.body = body});
    CHECK(outcome.taken);
    CHECK(outcome.counts.exported == 6);
    CHECK(outcome.counts.dropped == 4);
    CHECK(outcome.counts.retried == 0);
    CHECK(outcome.warning.starts_with("4 spans dropped"));
    CHECK(outcome.warning.ends_with(": too old"));
  }
  const Outcome warned = send_to({.body = partial_success(0, "soon too old")});
  CHECK(warned.counts.exported == 10);
  CHECK(warned.warning.find("soon too old") != std::string::npos);
}

TEST_CASE("a receiver cannot reject more than it was sent, nor less than nothing", "[otlp]") {
  CHECK(send_to({.body = partial_success(1'000'000'000'000, "")}).counts.dropped == 10);
  const Outcome negative = send_to({.body = partial_success(-5, "")});
  CHECK(negative.counts.dropped == 0);
  CHECK(negative.counts.exported == 10);
}

TEST_CASE("a success that is no OTLP makes one doubt the address", "[otlp]") {
  for (const char* body : {"<html>Welcome</html>", "{", "{\"partialSuccess\":", "\x0a\x7f"}) {
    const Outcome outcome = send_to({.body = body});
    CHECK(outcome.counts.exported == 10);
    CHECK(outcome.warning.find("right address") != std::string::npos);
  }
}

TEST_CASE("a refusal for good is counted, told with its reason, and not repeated", "[otlp]") {
  for (const int status : {301, 400, 401, 403, 404, 408, 413, 500, 501, 505}) {
    const Outcome outcome = send_to({.status = status, .body = status_message("bad\x1b[2J data")});
    INFO(outcome.warning);
    CHECK(outcome.taken);
    CHECK(outcome.counts.exported == 0);
    CHECK(outcome.counts.dropped == 10);
    CHECK(outcome.warning.starts_with("10 spans dropped"));
    CHECK(outcome.warning.ends_with("status " + std::to_string(status) + ": bad [2J data"));
  }
}

TEST_CASE("the reason for a failure is found in JSON, in protobuf and in plain text", "[otlp]") {
  CHECK(read_failure_message(status_message("why")) == "why");
  CHECK(read_failure_message(R"({"code":3,"message":"why"})") == "why");
  CHECK(read_failure_message("not authorized") == "not authorized");
  CHECK(read_failure_message(R"({"error":"why"})") == R"({"error":"why"})");
  CHECK(read_failure_message("").empty());
  CHECK(read_failure_message("{" + std::string(2 << 20, '[')).size() == (2 << 20) + 1);
  CHECK(read_export_answer("{\"partialSuccess\":" + std::string(500'000, '[')).readable == false);
}

TEST_CASE("only what OTLP names is worth another try", "[otlp]") {
  for (const int status : {429, 502, 503, 504}) {
    const Outcome outcome = send_to({.status = status, .body = status_message("busy")});
    CHECK_FALSE(outcome.taken);
    CHECK(outcome.counts.dropped == 0);
    CHECK(outcome.problem.ends_with("status " + std::to_string(status) + ": busy"));
    CHECK(outcome.retry_in >= 500ms);
    CHECK(outcome.warning.empty());
  }
  for (const Way way : {Way::kClose, Way::kReset}) CHECK_FALSE(send_to({.way = way}).taken);
  const Outcome garbage = send_to({.body = "SSH-2.0-OpenSSH\r\n", .way = Way::kRaw});
  CHECK(garbage.taken);
  CHECK(garbage.counts.dropped == 10);
}

TEST_CASE("a receiver says when to come back, in seconds or by the clock", "[otlp]") {
  const auto in = [](const std::string& when) {
    return send_to({.status = 503, .headers = {{"retry-after", when}}}).retry_in;
  };
  CHECK(in("17") == 17s);
  CHECK(in("Fri, 31 Dec 2100 23:59:59 GMT") == 24h);
  CHECK(in("Thu, 01 Jan 1970 00:00:10 GMT") == 0s);
  CHECK(in("whenever") <= 1s);
}

TEST_CASE("a receiver that repeats a key does not get it into the log", "[otlp]") {
  OtlpSettings settings;
  settings.headers = {{"Authorization", "Bearer hush-hush"}};
  const Outcome outcome =
      send_to({.status = 401, .body = "no such key: hush-hush (Bearer hush-hush)"}, settings);
  CHECK(outcome.warning.ends_with("no such key: [redacted] ([redacted])"));
}

// --- again -------------------------------------------------------------------------------------------------

TEST_CASE("a batch that comes again begins where it had stopped", "[otlp]") {
  Collector collector;
  OtlpSettings settings = settings_for(collector);
  settings.max_batch = 2;
  collector.answer_next({{}, {.status = 503}, {.status = 429}, {}, {.status = 400}});
  OtlpExporter exporter(settings, {});
  const std::vector<Span> spans = make_spans(7);
  CHECK_FALSE(exporter.export_batch(spans));
  CHECK_FALSE(exporter.export_batch(spans));
  CHECK(exporter.export_batch(spans));
  const auto taken = collector.spans();
  REQUIRE(taken.size() == 5);
  CHECK(taken[2].name == "span 2");
  CHECK(taken[4].name == "span 6");
  CHECK(exporter.counts().exported == 5);
  CHECK(exporter.counts().dropped == 2);
  CHECK(exporter.counts().retried == 2);
  CHECK(exporter.export_batch(make_spans(1)));
  CHECK(collector.spans().back().name == "span 0");
}

TEST_CASE("a stop leaves the batch for later", "[otlp]") {
  Collector collector;
  collector.answer({.way = Way::kHang});
  bool stop = false;
  OtlpExporter exporter(settings_for(collector), [&] {
    stop = stop || !collector.requests().empty();
    return stop;
  });
  CHECK_FALSE(exporter.export_batch(make_spans(3)));
  CHECK(exporter.counts().dropped == 0);
}

TEST_CASE("what was wrong with the settings is the first thing that is told", "[otlp]") {
  Collector collector;
  OtlpSettings settings = settings_for(collector);
  settings.notes = {"A: no; using B", "C: no; using D"};
  OtlpExporter exporter(settings, {});
  CHECK(exporter.take_warning() == "A: no; using B; C: no; using D");
  collector.answer_next(
      {{.body = partial_success(0, "soon")}, {.status = 400, .body = "one"}, {.status = 400, .body = "two"}});
  REQUIRE(exporter.export_batch(make_spans(1)));
  REQUIRE(exporter.export_batch(make_spans(1)));
  REQUIRE(exporter.export_batch(make_spans(1)));
  const std::string warning = exporter.take_warning();
  INFO(warning);
  CHECK(warning.starts_with("2 spans dropped: http://localhost:"));
  CHECK(warning.find(": one (and more); http://localhost:") != std::string::npos);
  CHECK(warning.ends_with("takes spans and says: soon"));
}

}  // namespace
}  // namespace llmo::otlp
