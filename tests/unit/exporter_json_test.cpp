// OTLP JSON, out and in.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "exporters/file/otlp_json_reader.h"
#include "exporters/file/otlp_json_writer.h"
#include "tests/unit/exporter_journal.h"
#include "tests/unit/trace_lines.h"

namespace {

using namespace llmo;

Span sample_span() {
  Span span;
  span.trace_id = {0x0102030405060708, 0x090a0b0c0d0e0f10};
  span.span_id = 0xfedcba9876543210;
  span.parent_span_id = 0x00000000000000ff;
  span.name = "llm.request \"quoted\"\n";
  span.kind = SpanKind::kClient;
  span.start_unix_nanos = 1'767'225'600'000'000'001;
  span.end_unix_nanos = 1'767'225'600'000'000'999;
  span.status = StatusCode::kError;
  span.status_message = "429";
  span.attributes = {{"s", std::string("\xc3\xa4")},
                     {"b", true},
                     {"i", std::int64_t{INT64_MIN}},
                     {"d", 0.1},
                     {"inf", -INFINITY},
                     {"l", std::vector<std::string>{"x", "y"}},
                     {"none", std::vector<std::string>{}}};
  span.events = {{5, "exception", {{"exception.type", std::string("E")}}}};
  span.flags = 0x301;
  span.dropped_attributes = 3;
  auto resource = std::make_shared<Resource>();
  resource->attributes = {{"service.name", std::string("planner")}};
  span.resource = resource;
  return span;
}

std::vector<Span> read_line(const std::string& line, file::ReadCounts& counts) {
  std::vector<Span> spans;
  file::read_otlp_json_line(
      line, [&](Span&& span) { spans.push_back(std::move(span)); }, counts);
  return spans;
}

// One span with `fields`, wrapped as a request.
std::string request(const std::string& fields) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + fields + "}]}]}]}";
}

const std::string kIds = R"("traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000AB",)";
const std::string kTimes = R"("startTimeUnixNano":"10","endTimeUnixNano":"20")";

}  // namespace

TEST_CASE("a span is written as OTLP JSON spells it", "[exporter][json]") {
  const Span span = sample_span();
  const std::string json = file::to_otlp_json({&span, 1});
  CHECK(json.find('\n') == std::string::npos);
  for (
      const char* const part :
      {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"planner"}}]})",
       R"("scope":{"name":"llmobserve","version":")", R"("traceId":"0102030405060708090a0b0c0d0e0f10")",
       R"("spanId":"fedcba9876543210")", R"("parentSpanId":"00000000000000ff")", R"("kind":3)",
       R"("flags":769)", R"("startTimeUnixNano":"1767225600000000001")",
       R"({"key":"i","value":{"intValue":"-9223372036854775808"}})",
       R"({"key":"inf","value":{"doubleValue":"-Infinity"}})", R"({"key":"b","value":{"boolValue":true}})",
       R"({"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"y"}]}}})",
       R"("status":{"message":"429","code":2})", R"("droppedAttributesCount":3)"}) {
    INFO(part);
    CHECK(json.find(part) != std::string::npos);
  }
  Span root;
  root.name = "x";
  const std::string bare = file::to_otlp_json({&root, 1});
  CHECK(bare.find("parentSpanId") == std::string::npos);
  CHECK(bare.find("events") == std::string::npos);
}

TEST_CASE("no byte below a blank stands in a line as it is, wherever it stood in a text",
          "[exporter][json]") {
  Span span = sample_span();
  for (std::size_t before = 0; before < 20; ++before) {
    std::string text(before, 'x');
    for (char byte = 1; byte < ' '; ++byte) text += byte;
    span.attributes.push_back({"text" + std::to_string(before), text});
  }
  const std::string json = file::to_otlp_json({&span, 1});
  CHECK(std::none_of(json.begin(), json.end(), [](char c) { return c >= 0 && c < ' '; }));
}

TEST_CASE("a text with a byte to escape anywhere in it reads back as it was", "[exporter][json]") {
  Span span = sample_span();
  span.attributes.clear();
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = "\"\\\n\x01\x1f\x7f"[at % 6];
      span.attributes.push_back({"k" + std::to_string(size) + "." + std::to_string(at), text});
    }
  }
  file::ReadCounts counts;
  const auto spans = read_line(file::to_otlp_json({&span, 1}), counts);
  REQUIRE(spans.size() == 1);
  REQUIRE(spans[0].attributes.size() == span.attributes.size());
  std::size_t different = 0;
  for (std::size_t at = 0; at < span.attributes.size(); ++at) {
    different += spans[0].attributes[at].value != span.attributes[at].value ? 1 : 0;
  }
  CHECK(different == 0);
}

TEST_CASE("a double reads back to the last bit, as a double", "[exporter][json]") {
  Span span = sample_span();
  span.attributes.clear();
  const double values[] = {0,   -0.0, 1, -3, 0.1, 1e21, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308,
                           2e15};
  for (const double value : values)
    span.attributes.push_back({"d" + std::to_string(span.attributes.size()), value});
  file::ReadCounts counts;
  const std::string json = file::to_otlp_json({&span, 1});
  const auto spans = read_line(json, counts);
  REQUIRE(spans.size() == 1);
  REQUIRE(spans[0].attributes.size() == std::size(values));
  for (std::size_t at = 0; at < std::size(values); ++at) {
    CHECK(std::get<double>(spans[0].attributes[at].value) == values[at]);
  }
  CHECK(json.find(R"({"doubleValue":1.0})") != std::string::npos);
}

TEST_CASE("a span reads back as it was written", "[exporter][json]") {
  const Span span = sample_span();
  file::ReadCounts counts;
  const auto spans = read_line(file::to_otlp_json({&span, 1}), counts);
  REQUIRE(spans.size() == 1);
  const Span& back = spans[0];
  CHECK(back.trace_id == span.trace_id);
  CHECK(back.span_id == span.span_id);
  CHECK(back.parent_span_id == span.parent_span_id);
  CHECK(back.name == span.name);
  CHECK(back.kind == span.kind);
  CHECK(back.start_unix_nanos == span.start_unix_nanos);
  CHECK(back.end_unix_nanos == span.end_unix_nanos);
  CHECK(back.status == span.status);
  CHECK(back.status_message == span.status_message);
  CHECK(back.flags == span.flags);
  CHECK(back.dropped_attributes == span.dropped_attributes);
  REQUIRE(back.attributes.size() == span.attributes.size());
  for (std::size_t i = 0; i < span.attributes.size(); ++i) {
    CHECK(back.attributes[i].key == span.attributes[i].key);
    CHECK(back.attributes[i].value == span.attributes[i].value);
  }
  REQUIRE(back.events.size() == 1);
  CHECK(back.events[0].unix_nanos == 5);
  CHECK(back.events[0].attributes.size() == 1);
  CHECK(std::get<std::string>(*find_attribute(back.resource->attributes, "service.name")) == "planner");
}

TEST_CASE("spans are grouped by the process they came from", "[exporter][json]") {
  std::vector<Span> spans(4, sample_span());
  auto other = std::make_shared<Resource>();
  other->attributes = {{"service.name", std::string("other")}};
  spans[1].resource = spans[3].resource = other;
  const std::string json = file::to_otlp_json(spans);
  std::size_t groups = 0;
  for (std::size_t at = json.find("\"resource\""); at != std::string::npos;
       at = json.find("\"resource\"", at + 1)) {
    ++groups;
  }
  CHECK(groups == 2);
}

TEST_CASE("files of other exporters are read too", "[exporter][json]") {
  file::ReadCounts counts;
  const auto spans = read_line(
      request(R"("spanId":"00000000000000AB","traceId":"0102030405060708090A0B0C0D0E0F10",)"
              R"("startTimeUnixNano":10,"endTimeUnixNano":5,"parentSpanId":"","new":{"a":1},)"
              R"("attributes":[{"key":"i","value":{"intValue":7}},)"
              R"({"key":"m","value":{"kvlistValue":{"values":[{"key":"n","value":{"doubleValue":1}}]}}},)"
              R"({"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},{}]}}},)"
              R"({"key":"e","value":{}},{"key":"i","value":{"intValue":8}}])"),
      counts);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].span_id == 0xab);
  CHECK(spans[0].parent_span_id == 0);
  CHECK(spans[0].end_unix_nanos == 10);
  CHECK(std::get<std::int64_t>(*find_attribute(spans[0].attributes, "i")) == 8);
  CHECK(std::get<std::string>(*find_attribute(spans[0].attributes, "m")) == R"({"n":1})");
  CHECK(std::get<std::string>(*find_attribute(spans[0].attributes, "a")) == "[1,null]");
  CHECK(find_attribute(spans[0].attributes, "e") == nullptr);
}

TEST_CASE("spans without usable ids or times are skipped and counted", "[exporter][json]") {
  const std::string bad[] = {
      R"("spanId":"00000000000000ab",)" + kTimes,
      R"("traceId":"00000000000000000000000000000000","spanId":"00000000000000ab",)" + kTimes,
      R"("traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000000",)" + kTimes,
      R"("traceId":"0102030405060708090a0b0c0d0e0f1","spanId":"00000000000000ab",)" + kTimes,
      R"("traceId":"0102030405060708-90a0b0c0d0e0f10","spanId":"00000000000000ab",)" + kTimes,
      R"("traceId":7,"spanId":[],)" + kTimes,
      kIds + R"("startTimeUnixNano":"10")",
      kIds + R"("startTimeUnixNano":"-1","endTimeUnixNano":"20")",
      kIds + R"("startTimeUnixNano":"1x","endTimeUnixNano":"20")"};
  for (const std::string& fields : bad) {
    INFO(fields);
    file::ReadCounts counts;
    CHECK(read_line(request(fields), counts).empty());
    CHECK(counts.damaged_spans == 1);
    CHECK(counts.damaged_lines == 0);
  }
  file::ReadCounts counts;
  CHECK(read_line(request(kIds + kTimes), counts).at(0).name == "unnamed");
}

TEST_CASE("lines that are no request are skipped and counted", "[exporter][json]") {
  for (const std::string& line :
       {std::string("{"), std::string("[]"), std::string("7"), std::string(R"({"resourceSpans":{}})"),
        std::string(R"({"resourceLogs":[]})"), std::string(1 << 20, '['),
        "{\"a\":" + std::string(100'000, '['), request(kIds + kTimes).substr(0, 80)}) {
    file::ReadCounts counts;
    CHECK(read_line(line, counts).empty());
    CHECK(counts.damaged_lines == 1);
  }
  file::ReadCounts counts;
  CHECK(read_line("  \r", counts).empty());
  CHECK(counts.damaged_lines == 0);
}

TEST_CASE("an attribute nested without end does not use up the stack", "[exporter][json]") {
  std::string deep = "{}";
  for (int level = 0; level < 50; ++level) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
  file::ReadCounts counts;
  const auto spans =
      read_line(request(kIds + kTimes + R"(,"attributes":[{"key":"k","value":)" + deep + "}]"), counts);
  REQUIRE(spans.size() == 1);
  CHECK(std::get<std::string>(*find_attribute(spans[0].attributes, "k")) ==
        std::string(31, '[') + R"_(["(nested too deep)"])_" + std::string(31, ']'));
  const std::string endless = std::string(200'000, '[') + std::string(200'000, ']');
  CHECK(read_line(
            request(kIds + kTimes + R"(,"attributes":[{"key":"k","value":{"kvlistValue":)" + endless + "}}]"),
            counts)
            .size() == 1);
}

TEST_CASE("a file that is still being written is read up to its last whole line", "[exporter][json]") {
  const test::MemoryDir root;
  const std::string path = root / "x.otlp.jsonl";
  const Span span = sample_span();
  const std::string line = file::to_otlp_json({&span, 1});
  const std::string text = line + "\n\n" + line + "\n" + line.substr(0, line.size() / 2);
  test::JournalImage::save_bytes(path, {text.begin(), text.end()});
  std::vector<Span> spans;
  file::ReadCounts counts;
  REQUIRE(test::read_trace_lines(path, spans, counts));
  CHECK(spans.size() == 2);
  CHECK(counts.lines == 2);
  CHECK(counts.damaged_lines == 1);
}

TEST_CASE("random damage to a line gives a span or a count, never an end", "[exporter][json]") {
  std::mt19937_64 random(5);
  const Span span = sample_span();
  const std::string line = file::to_otlp_json({&span, 1});
  for (int run = 0; run < 5000; ++run) {
    std::string damaged = line;
    for (std::uint64_t i = 0; i <= random() % 4; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    file::ReadCounts counts;
    const auto spans = read_line(damaged, counts);
    CHECK(spans.size() + counts.damaged_lines + counts.damaged_spans <= 1);
  }
}
