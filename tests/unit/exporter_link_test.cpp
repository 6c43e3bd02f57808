// Links between spans, from the bytes of the journal to the trace file and back.
#include <catch2/catch.hpp>
#include <cstring>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/span/attributes.h"
#include "shim/journal/span_draft.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;

constexpr journal::Link kLink{{0x0102030405060708, 0x090a0b0c0d0e0f10},
                              0xfedcba9876543210,
                              journal::kFlagSampled | journal::kFlagParentRemote,
                              0};

std::string draft_with_link(std::string_view tracestate) {
  journal::SpanDraft inner;
  inner.add_int("messaging.kafka.offset", 7);
  journal::SpanDraft draft;
  draft.add("before", "1");
  draft.add_link("message", kLink, tracestate, inner);
  draft.add("after", "2");
  const auto bytes = draft.attributes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

SpanAttributes read(const std::string& bytes) { return read_attributes(std::as_bytes(std::span(bytes))); }

std::string link_bytes(const journal::Link& link, std::string_view rest) {
  std::string value(reinterpret_cast<const char*>(&link), sizeof link);
  value += rest;
  return AttributeBytes().put(journal::AttributeType::kLink, "message", value.data(), value.size()).bytes();
}

}  // namespace

TEST_CASE("a link comes out of the journal with its tracestate and attributes", "[exporter][link]") {
  const SpanAttributes attributes = read(draft_with_link("a=1,b=2"));
  CHECK(attributes.dropped == 0);
  CHECK(attributes.plain.size() == 2);
  REQUIRE(attributes.links.size() == 1);
  const LinkAttribute& link = attributes.links[0];
  CHECK(link.link.trace == kLink.trace);
  CHECK(link.link.span_id == kLink.span_id);
  CHECK(link.tracestate == "a=1,b=2");
  CHECK(value<std::int64_t>(link.attributes.plain, "messaging.kafka.offset") == 7);
}

TEST_CASE("a link cut at any byte is whole or not there", "[exporter][link]") {
  const std::string whole = draft_with_link("a=1");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const SpanAttributes attributes = read(whole.substr(0, size));
    CHECK(attributes.dropped <= 1);
    REQUIRE(attributes.links.size() <= 1);
    if (attributes.links.empty()) continue;
    CHECK(attributes.links[0].tracestate == "a=1");
    CHECK(attributes.links[0].attributes.plain.size() == 1);
  }
}

TEST_CASE("links to nothing, with wild sizes, or too short are damage", "[exporter][link]") {
  journal::Link nothing = kLink;
  nothing.span_id = 0;
  CHECK(read(link_bytes(nothing, "")).links.empty());
  CHECK(read(link_bytes(nothing, "")).dropped == 1);
  for (const std::uint32_t size : {1U, 1000U, 0xffffffffU}) {
    journal::Link wild = kLink;
    wild.tracestate_size = size;
    CHECK(read(link_bytes(wild, "")).links.empty());
    CHECK(read(link_bytes(wild, "")).dropped == 1);
  }
  const char few[31] = {};
  CHECK(read(AttributeBytes().put(journal::AttributeType::kLink, "l", few, sizeof few).bytes()).dropped == 1);
  // The link itself is good, what follows it is not.
  const SpanAttributes damaged = read(link_bytes(kLink, "junk"));
  CHECK(damaged.links.size() == 1);
  CHECK(damaged.dropped == 1);
  const SpanAttributes nested = read(link_bytes(kLink, link_bytes(kLink, "")));
  CHECK(nested.links.size() == 1);
  CHECK(nested.links[0].attributes.plain.empty());
  CHECK(nested.dropped == 1);
  journal::Link odd = kLink;
  odd.tracestate_size = 2;
  CHECK(read(link_bytes(odd, "\xff\xfe")).links.at(0).tracestate == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("links beyond 1280 are counted as dropped", "[exporter][link]") {
  std::string bytes;
  for (int i = 0; i < 1282; ++i) bytes += link_bytes(kLink, "");
  const SpanAttributes attributes = read(bytes);
  CHECK(attributes.links.size() == 1280);
  CHECK(attributes.dropped == 2);
}

TEST_CASE("links read back from OTLP JSON as they were written", "[exporter][link][json]") {
  Span span;
  span.trace_id = {1, 2};
  span.span_id = 3;
  span.name = "consume jobs";
  span.links = {{{0x0102030405060708, 0x090a0b0c0d0e0f10}, 0xab, "a=1", {{"k", std::int64_t{7}}}, 0x301},
                {{4, 5}, 6, "", {}, 0x100}};
  const std::string json = file::to_otlp_json({&span, 1});
  CHECK(json.find(
            R"("links":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000ab",)"
            R"("traceState":"a=1","attributes":[{"key":"k","value":{"intValue":"7"}}],"flags":769},)"
            R"({"traceId":"00000000000000040000000000000005","spanId":"0000000000000006","flags":256}])") !=
        std::string::npos);
  std::vector<Span> back;
  file::ReadCounts counts;
  REQUIRE(file::read_otlp_json_line(
      json, [&](Span&& read) { back.push_back(std::move(read)); }, counts));
  REQUIRE(back.size() == 1);
  REQUIRE(back[0].links.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(back[0].links[i].trace_id == span.links[i].trace_id);
    CHECK(back[0].links[i].span_id == span.links[i].span_id);
    CHECK(back[0].links[i].tracestate == span.links[i].tracestate);
    CHECK(back[0].links[i].flags == span.links[i].flags);
    CHECK(back[0].links[i].attributes.size() == span.links[i].attributes.size());
  }
  span.links.clear();
  CHECK(file::to_otlp_json({&span, 1}).find("links") == std::string::npos);
}

TEST_CASE("links in a trace file that lead nowhere are left out", "[exporter][link][json]") {
  const std::string line =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10",)"
      R"("spanId":"00000000000000ab","startTimeUnixNano":"10","endTimeUnixNano":"20","links":[7,{},[],)"
      R"({"traceId":"0102030405060708090a0b0c0d0e0f10"},{"spanId":"00000000000000ab"},)"
      R"({"traceId":"00000000000000000000000000000000","spanId":"00000000000000ab"},)"
      R"({"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000000"},)"
      R"({"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000ab","flags":"x"}]}]}]}]})";
  std::vector<Span> spans;
  file::ReadCounts counts;
  REQUIRE(file::read_otlp_json_line(
      line, [&](Span&& span) { spans.push_back(std::move(span)); }, counts));
  REQUIRE(spans.size() == 1);
  REQUIRE(spans[0].links.size() == 1);
  CHECK(spans[0].links[0].span_id == 0xab);
}

TEST_CASE("a link in a journal is a link in the trace", "[exporter][link][session]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  JournalImage image = simple_journal();
  AttributeBytes attributes;
  const std::string state = "a=1";
  journal::Link link = kLink;
  link.tracestate_size = static_cast<std::uint32_t>(state.size());
  std::string bytes(reinterpret_cast<const char*>(&link), sizeof link);
  bytes += state;
  attributes.put(journal::AttributeType::kLink, "message", bytes.data(), bytes.size());
  image.add_call(1, {.span_id = 3, .parent = 1}, attributes);
  image.save(session);
  const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
  const Span& span = span_with_id(spans, 3);
  REQUIRE(span.links.size() == 1);
  CHECK(span.links[0].span_id == kLink.span_id);
  CHECK(span.links[0].tracestate == state);
  CHECK(span.links[0].flags == 0x301);
}
