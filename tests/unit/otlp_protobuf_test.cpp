// OTLP protobuf: what is written can be read, by us as by others; what others write, and what nobody wrote.
#include "exporters/otlp/protobuf_reader.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <protozero/pbf_writer.hpp>
#include <random>
#include <string>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/otlp/protobuf_writer.h"

namespace {

using namespace llmo;
using protozero::pbf_writer;

std::vector<Span> read(std::string_view bytes, file::ReadCounts& counts) {
  std::vector<Span> spans;
  const bool whole = otlp::read_otlp_protobuf(
      bytes, [&](Span&& span) { spans.push_back(std::move(span)); }, counts);
  CHECK(whole == (counts.damaged_lines == 0));
  return spans;
}

Span full_span(std::uint64_t id) {
  Span span;
  span.trace_id = {0x0102030405060708, 0x090a0b0c0d0e0f10};
  span.span_id = id;
  span.parent_span_id = 0xfedcba9876543210;
  span.name = "chat gpt-4o \xc3\xa9";
  span.kind = SpanKind::kClient;
  span.start_unix_nanos = 1'760'000'000'123'456'789;
  span.end_unix_nanos = 1'760'000'001'123'456'790;
  span.status = StatusCode::kError;
  span.status_message = "HTTP 500";
  span.attributes = {{"s", std::string("text")},
                     {"empty", std::string()},
                     {"yes", true},
                     {"no", false},
                     {"zero", std::int64_t{0}},
                     {"least", std::numeric_limits<std::int64_t>::min()},
                     {"d", -0.5},
                     {"list", std::vector<std::string>{"a", "", "c"}},
                     {"none", std::vector<std::string>()}};
  span.events = {{1'760'000'000'200'000'000, "exception", {{"exception.type", std::string("E")}}, 3}, {}};
  span.links = {{{1, 2}, 3, "a=b", {{"k", std::int64_t{-1}}}, 0x301, 4}};
  span.flags = 0x101;
  span.dropped_attributes = 1;
  span.dropped_events = 2;
  span.dropped_links = 3;
  span.tracestate = "vendor=1";
  return span;
}

// Two processes and a foreign library, mixed.
std::vector<Span> full_spans() {
  auto one = std::make_shared<Resource>();
  one->attributes = {{"service.name", std::string("agent")}, {"process.pid", std::int64_t{7}}};
  const auto two = std::make_shared<Resource>();
  const auto scope =
      std::make_shared<const Scope>(Scope{"their.library", "2", {{"scope.attribute", std::int64_t{1}}}});
  std::vector<Span> spans;
  for (std::uint64_t id = 1; id <= 6; ++id) {
    spans.push_back(full_span(id));
    spans.back().resource = id % 2 == 0 ? std::shared_ptr<const Resource>(two) : one;
    if (id % 3 == 0) spans.back().scope = scope;
  }
  return spans;
}

// Both texts are made from the same span: the JSON writer has its own tests.
std::string json(const std::vector<Span>& spans) { return file::to_otlp_json(spans); }

std::string bytes_of(std::initializer_list<unsigned char> bytes) { return {bytes.begin(), bytes.end()}; }

constexpr char kTraceId[] = "0123456789abcdef";
constexpr char kSpanId[] = "01234567";

// A request of one span: its ids, and what `fill` adds.
template <typename Fill>
std::string request(Fill fill) {
  std::string span;
  pbf_writer out(span);
  out.add_bytes(1, kTraceId, 16);
  out.add_bytes(2, kSpanId, 8);
  fill(out);
  std::string scope;
  pbf_writer(scope).add_message(2, span);
  std::string resource;
  pbf_writer(resource).add_message(2, scope);
  std::string all;
  pbf_writer(all).add_message(1, resource);
  return all;
}

// What the attribute `k` of that AnyValue is read as.
AttributeValue value_read(const std::string& any_value) {
  std::string pair;
  pbf_writer out(pair);
  out.add_string(1, "k");
  out.add_message(2, any_value);
  file::ReadCounts counts;
  const auto spans = read(request([&](pbf_writer& span) { span.add_message(9, pair); }), counts);
  REQUIRE(spans.size() == 1);
  const AttributeValue* const found = find_attribute(spans[0].attributes, "k");
  return found == nullptr ? AttributeValue(std::string("(left out)")) : *found;
}

std::string text_read(const std::string& any_value) { return std::get<std::string>(value_read(any_value)); }

std::string any_text(const std::string& text) {
  std::string any;
  pbf_writer(any).add_string(1, text);
  return any;
}

std::string any_array(const std::vector<std::string>& values) {
  std::string array;
  for (const std::string& value : values) pbf_writer(array).add_message(1, value);
  std::string any;
  pbf_writer(any).add_message(5, array);
  return any;
}

}  // namespace

TEST_CASE("spans come back from OTLP protobuf as they were written", "[otlp][protobuf]") {
  const std::vector<Span> spans = full_spans();
  std::string bytes;
  otlp::append_otlp_protobuf(spans, bytes);
  file::ReadCounts counts;
  const std::vector<Span> back = read(bytes, counts);
  CHECK(json(back) == json(spans));
  CHECK(counts.lines == 1);
  CHECK(counts.spans == 6);
  REQUIRE(back.size() == 6);
  CHECK(back[0].scope == nullptr);
  CHECK(back[0].resource == back[1].resource);

  // Requests one after the other are one.
  file::ReadCounts twice;
  CHECK(read(bytes + bytes, twice).size() == 12);
}

TEST_CASE("protobuf attributes without a type of ours come through as text", "[otlp][protobuf]") {
  const std::string nan = [] {
    std::string any;
    pbf_writer(any).add_double(4, std::nan(""));
    return any;
  }();
  CHECK(text_read(any_array({any_text("a"), bytes_of({0x18, 0x02}), nan, ""})) == R"(["a",2,"NaN",null])");
  CHECK(text_read(any_array({any_array({any_text("\xff\"")})})) == "[[\"\xef\xbf\xbd\\\"\"]]");
  CHECK(text_read(bytes_of({0x3a, 0x04, 0xff, 0x00, 'M', 0xfe})) == "/wBN/g==");

  std::string pair;
  pbf_writer(pair).add_message(2, bytes_of({0x10, 0x01}));
  pbf_writer(pair).add_string(1, "later key");
  std::string map;
  pbf_writer(map).add_message(1, pair);
  std::string any;
  pbf_writer(any).add_message(6, map);
  CHECK(text_read(any) == R"({"later key":true})");
  CHECK(text_read("") == "(left out)");
  CHECK(std::get<std::vector<std::string>>(value_read(any_array({}))).empty());

  std::string deep = any_text("x");
  for (int level = 0; level < 200; ++level) deep = any_array({deep});
  CHECK(text_read(deep).find("(nested too deep)") != std::string::npos);
}

TEST_CASE("fields that are unknown, or of another kind than theirs, are skipped", "[otlp][protobuf]") {
  file::ReadCounts counts;
  const auto spans = read(request([](pbf_writer& span) {
                            span.add_uint32(5, 7);           // a name that is a number
                            span.add_string(6, "client");    // a kind that is a text
                            span.add_string(7, "12345678");  // times
                            span.add_uint64(8, 1);
                            span.add_fixed64(10, 1);
                            span.add_uint32(16, 1);
                            span.add_bool(9, true);
                            span.add_string(99, "new");
                            span.add_enum(15, 2);
                          }),
                          counts);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].name == "unnamed");
  CHECK(spans[0].kind == SpanKind::kInternal);
  CHECK(spans[0].end_unix_nanos == 0);
  CHECK(spans[0].flags == 0);
  CHECK(spans[0].attributes.empty());
  CHECK(spans[0].status == StatusCode::kUnset);
}

TEST_CASE("a span of protobuf without valid ids is skipped and counted", "[otlp][protobuf]") {
  for (const auto& [field, id] : {std::pair{1, std::string(16, '\0')}, std::pair{1, std::string("short")},
                                  std::pair{2, std::string(8, '\0')}, std::pair{2, std::string(9, 'x')}}) {
    file::ReadCounts counts;
    const auto number = static_cast<protozero::pbf_tag_type>(field);
    const auto& text = id;
    CHECK(read(request([&](pbf_writer& span) { span.add_bytes(number, text); }), counts).empty());
    CHECK(counts.damaged_spans == 1);
    CHECK(counts.damaged_lines == 0);
  }
}

TEST_CASE("a few bytes of protobuf that claim a million events take no memory for them", "[otlp][protobuf]") {
  file::ReadCounts counts;
  const auto spans = read(request([](pbf_writer& span) {
                            for (int i = 0; i < 100'000; ++i) {
                              span.add_message(11, std::string());
                              span.add_message(13, std::string());
                            }
                            span.add_uint32(12, 5);
                          }),
                          counts);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].events.size() == 1280);
  CHECK(spans[0].dropped_events == 100'000 - 1280 + 5);
  CHECK(spans[0].links.empty());
}

TEST_CASE("protobuf cut off or damaged anywhere gives what stood before it and no more", "[otlp][protobuf]") {
  std::string bytes;
  otlp::append_otlp_protobuf(full_spans(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    file::ReadCounts counts;
    CHECK(read(std::string_view(bytes).substr(0, size), counts).size() <= 6);
  }
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = bytes;
    for (int change = 0; change < 3; ++change)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    file::ReadCounts counts;
    for (const Span& span : read(damaged, counts)) CHECK(span.end_unix_nanos >= span.start_unix_nanos);
  }
}
