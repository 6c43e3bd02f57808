// The page's generator: what is kept, how it is embedded, and what the page will read.
#include <rapidjson/document.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/html/detail_block.h"
#include "exporters/html/index_json.h"
#include "exporters/html/kept_spans.h"
#include "exporters/html/packing.h"
#include "exporters/html/page_files.h"
#include "exporters/html/page_writer.h"
#include "tests/unit/console_spans.h"

namespace llmo::html {
namespace {

using console::kSecond;
using console::make_call;
using console::make_span;
using console::number;
using console::text;

rapidjson::Document parsed(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  INFO(json.substr(0, 300));
  REQUIRE(!document.HasParseError());
  return document;
}

std::string decoded_base64(std::string_view text_of_bytes) {
  const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char digit : text_of_bytes) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

std::string unpacked(std::string_view packed_text) {
  std::string bytes = decoded_base64(packed_text);
  std::string out(std::size_t{8} << 20, '\0');
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

Span in_trace(std::uint64_t trace, Span span) {
  span.trace_id = {0, trace};
  return span;
}

std::string page_of(KeptSpans& kept, const PageOrigin& origin = {}) {
  kept.finish();
  std::string page;
  PageCounts counts;
  CHECK(write_page(
      kept, origin,
      [&page](std::string_view piece) {
        page += piece;
        return true;
      },
      counts));
  return page;
}

// What stands between the first `<script … id="NAME">` and its end.
std::string element_text(const std::string& page, const std::string& id) {
  const std::size_t begin = page.find('>', page.find("id=\"" + id + "\"")) + 1;
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST_CASE("embedded JSON means the same and holds nothing that HTML or a script reads", "[html]") {
  const std::string json = "{\"a\":\"</script><!--&amp;\xe2\x80\xa8\xe2\x80\xa9 \xe2\x80\xa6\"}";
  const std::string safe = embeddable(json);
  CHECK(safe.find_first_of("<>&") == std::string::npos);
  CHECK(safe.find("\xe2\x80\xa8") == std::string::npos);
  CHECK(safe.find("\xe2\x80\xa9") == std::string::npos);
  CHECK(parsed(safe) == parsed(json));
}

TEST_CASE("packed text comes back as it was", "[html]") {
  for (const std::string& content :
       {std::string(), std::string("x"), std::string(100'000, 'y'), std::string("\0\xff<", 3)}) {
    CHECK(unpacked(packed(content)) == content);
  }
  CHECK(packed("</script>").find('<') == std::string::npos);
}

TEST_CASE("a block tells each text once and every digit of a number", "[html]") {
  Span span = make_call(1, 0, "call", 0, kSecond,
                        {text("key", "value"),
                         text("other", "value"),
                         number("big", std::numeric_limits<std::int64_t>::max()),
                         {"ratio", 0.1},
                         {"yes", true},
                         {"list", std::vector<std::string>{"value", "b"}}});
  span.events.push_back({span.start_unix_nanos - 5, "early", {text("key", "value")}});
  span.links.push_back({{1, 2}, 3, "state", {}, 1});
  DetailBlock block;
  block.add(span);
  const auto json = parsed(block.json());
  const auto& strings = json["strings"];
  const auto said = [&strings](const rapidjson::Value& string) {
    return std::string(strings[string.GetUint()].GetString());
  };
  const auto& row = json["rows"][0];
  const auto& attributes = row[6];
  REQUIRE(attributes.Size() == 18);
  CHECK(said(attributes[0]) == "key");
  CHECK(attributes[2].GetUint() == attributes[5].GetUint());
  CHECK(said(attributes[8]) == "9223372036854775807");
  CHECK(said(attributes[11]) == "0.1");
  CHECK(said(attributes[14]) == "true");
  CHECK(attributes[16].GetInt() == 4);
  CHECK(said(attributes[17][1]) == "b");
  CHECK(row[7][0][0].GetInt64() == -5);
  CHECK(said(row[8][0][0]) == "00000000000000010000000000000002");
}

TEST_CASE("values that are too long are cut at a character, and more than a span may hold is left out",
          "[html]") {
  std::string long_text;
  while (long_text.size() <= DetailBlock::kMaxValueBytes) long_text += "\xe2\x82\xac";
  Span span = make_span(1, 0, "big", 0, 1);
  for (int at = 0; at < 40; ++at)
    span.attributes.push_back(text("key" + std::to_string(at), long_text + std::to_string(at)));
  DetailBlock block;
  block.add(span);
  const auto json = parsed(block.json());
  const auto& row = json["rows"][0];
  const std::size_t kept = row[6].Size() / 3;
  CHECK(kept < 20);
  CHECK(row[9].GetUint() == 40 - kept);
  const std::string_view value = json["strings"][row[6][2].GetUint()].GetString();
  CHECK(value.size() < DetailBlock::kMaxValueBytes + 60);
  CHECK(value.ends_with(" bytes]"));
}

TEST_CASE("bytes that are no text become text", "[html]") {
  DetailBlock block;
  block.add(make_span(1, 0, "x", 0, 1,
                      {text("bad \xff", "\xc0\x80 \xed\xa0\x80"), text("nul", std::string("a\0b", 3))}));
  const auto json = parsed(block.json());
  CHECK(json["strings"].Size() > 3);
}

TEST_CASE("spans stand in the index by trace and start, with parents that are there", "[html]") {
  KeptSpans kept(100);
  kept.add(make_call(3, 2, "child", 30, 5,
                     {number("gen_ai.usage.input_tokens", 7), text("gen_ai.provider.name", "openai")}));
  kept.add(make_span(2, 0, "root", 10, 50));
  kept.add(make_span(4, 99, "orphan", 20, 1));
  kept.add(make_span(4, 99, "told again", 20, 1));
  kept.add(make_span(5, 6, "circle", 40, 1));
  kept.add(make_span(6, 5, "circle", 41, 1));
  kept.finish();
  const PageIndex index = make_index(kept);
  CHECK(index.spans == 5);
  CHECK(index.traces == 1);
  const auto json = parsed(index.json);
  const auto& spans = json["spans"];
  CHECK(std::string(spans["id"].GetString()) ==
        "0000000000000002000000000000000400000000000000030000000000000005"
        "0000000000000006");
  const std::vector<int> parents = {-1, -1, 0, -1, 3};
  using console::RootKind;
  const std::vector<RootKind> roots = {RootKind::kRoot, RootKind::kMissingParent, RootKind::kNone,
                                       RootKind::kCycle, RootKind::kNone};
  for (rapidjson::SizeType span = 0; span < 5; ++span) {
    CHECK(spans["parent"][span].GetInt() == parents[span]);
    CHECK(spans["root"][span].GetInt() == static_cast<int>(roots[span]));
  }
  CHECK(std::string(json["strings"][spans["name"][1].GetUint()].GetString()) == "told again");
  CHECK(spans["start"][2].GetInt() == 20);
  CHECK(spans["input"][2].GetInt() == 7);
  CHECK(spans["input"][0].GetInt() == -1);
  CHECK(std::string(
            json["strings"][json["groups"]["provider"][spans["group"][2].GetUint()].GetUint()].GetString()) ==
        "openai");
}

TEST_CASE("of too many spans the newest traces are kept, whole", "[html]") {
  KeptSpans kept(40);
  for (std::uint64_t trace = 1; trace <= 100; ++trace) {
    for (std::uint64_t span = 1; span <= 10; ++span) {
      kept.add(in_trace(trace, make_span(span, span - 1, "s", trace * kSecond + span, 1,
                                         {text("trace", std::to_string(trace))})));
    }
  }
  kept.finish();
  CHECK(kept.spans().size() == 40);
  CHECK(kept.left_out_spans() == 960);
  CHECK(kept.left_out_traces() == 96);
  for (const KeptSpan& span : kept.spans()) CHECK(span.summary.trace_id.low > 96);
}

TEST_CASE("of a trace that alone is too large the spans nearest to its root are kept", "[html]") {
  KeptSpans kept(10);
  for (std::uint64_t span = 1000; span >= 1; --span) kept.add(make_span(span, span - 1, "s", span, 1));
  kept.finish();
  REQUIRE(kept.spans().size() == 10);
  for (const KeptSpan& span : kept.spans()) CHECK(span.summary.span_id <= 10);
  CHECK(kept.left_out_spans() == 990);
}

TEST_CASE("blocks that no kept span needs are given up", "[html]") {
  KeptSpans kept(KeptSpans::kRowsOfBlock);
  for (std::uint64_t trace = 1; trace <= 4 * KeptSpans::kRowsOfBlock; ++trace) {
    kept.add(in_trace(trace, make_span(1, 0, "s", trace * kSecond, 1)));
  }
  kept.finish();
  CHECK(kept.blocks().front().empty());
  CHECK_FALSE(kept.blocks().back().empty());
  for (const KeptSpan& span : kept.spans()) CHECK_FALSE(kept.blocks()[span.details.block].empty());
}

TEST_CASE("of a block of which little is kept, what the others said is not in the page", "[html]") {
  KeptSpans kept(4);
  for (std::uint64_t trace = 1; trace <= 5; ++trace) {
    kept.add(in_trace(
        trace, make_span(1, 0, "s", trace * kSecond, 1, {text("key", "said " + std::to_string(trace))})));
  }
  kept.finish();
  REQUIRE(kept.blocks().size() == 1);
  CHECK(kept.blocks()[0].find("said 1") == std::string::npos);
  const auto json = parsed(kept.blocks()[0]);
  const auto& row = json["rows"][kept.spans().back().details.row];
  CHECK(std::string(json["strings"][row[6][2].GetUint()].GetString()) == "said 5");
}

TEST_CASE("what a span says stands nowhere in the page as it is", "[html]") {
  KeptSpans kept(10);
  const std::string harm = "</script><script>alert(1)</script>{{script}}";
  kept.add(make_span(1, 0, harm, 0, 1, {text(harm, harm)}));
  const std::string page = page_of(kept, {{harm}, {harm}, 1, 0, 0});
  CHECK(page.find("alert(1)</script>") == std::string::npos);
  const auto data = parsed(element_text(page, "data"));
  CHECK(std::string(data["sources"][0].GetString()) == harm);
  const std::string index = unpacked(data["index"].GetString());
  CHECK(std::string(parsed(index)["strings"][1].GetString()).starts_with("</script>"));
  CHECK(unpacked(element_text(page, "block-0")).find(harm) != std::string::npos);
}

TEST_CASE("a page asks for nothing from elsewhere, and only its own script carries its number", "[html]") {
  const auto number_in = [](const std::string& page) {
    const std::size_t at = page.find("'nonce-") + 7;
    return page.substr(at, page.find('\'', at) - at);
  };
  KeptSpans kept(10);
  kept.add(make_span(1, 0, "s", 0, 1));
  const std::string page = page_of(kept);
  KeptSpans again(10);
  again.add(make_span(1, 0, "s", 0, 1));
  CHECK(number_in(page).size() == 32);
  CHECK(number_in(page) != number_in(page_of(again)));
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(page.find("{{") == std::string::npos);
  for (const std::string_view file : {page_script(), page_style()}) {
    CHECK(file.find("http:") == file.npos);
    CHECK(file.find("https:") == file.npos);
    CHECK(file.find("@import") == file.npos);
    CHECK(file.find("url(") == file.npos);
  }
  for (const std::string_view way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                                     "eval(", "new Function", "</script", "fetch(", "XMLHttpRequest"}) {
    INFO(way);
    CHECK(page_script().find(way) == std::string_view::npos);
  }
}

TEST_CASE("a sink that takes no more ends the writing", "[html]") {
  KeptSpans kept(10);
  kept.add(make_span(1, 0, "s", 0, 1));
  kept.finish();
  PageCounts counts;
  int pieces = 0;
  CHECK_FALSE(write_page(
      kept, {}, [&pieces](std::string_view) { return ++pieces < 3; }, counts));
  CHECK(pieces == 3);
}

}  // namespace
}  // namespace llmo::html
