#include "shim/genai/json_scanner.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "tests/unit/genai_attributes.h"

namespace llmo::genai {
namespace {

using namespace std::string_view_literals;

constexpr JsonPaths kPaths{{
    {"model", 1},
    {"usage.prompt_tokens", 2},
    {"usage.details.cached", 3},
    {"choices[]", 4},
    {"choices[].finish_reason", 5},
    {"choices[].calls[].name", 6},
    {"stop", 7},
    {"stop[]", 8},
    {"short", 9, 5},
    {"long", 10, kMaxJsonText},
    {"error", 11},
    {"error.type", 12},
    {"text", 13, 0, JsonKeep::kPieces},
    {"texts[]", 14, 0, JsonKeep::kPieces},
    {"raw", 15, 0, JsonKeep::kRaw},
    {"raws[].raw", 16, 0, JsonKeep::kRaw},
}};

// Writes down what was reported: `1="gpt" 2=5 …`.
class Recorder final : public JsonSink {
 public:
  // Pieces that follow one another are one text, wherever they were cut.
  void on_piece(std::uint8_t field, std::string_view bytes) override {
    if (bytes.empty()) return;
    const bool goes_on = !log.empty() && log.back() == '>' && field == piece_field;
    if (goes_on) log.pop_back();
    log += (goes_on ? "" : std::to_string(field) + "<") + std::string{bytes} + ">";
    piece_field = field;
  }
  void on_value(std::uint8_t field, const JsonValue& value) override {
    if (log.ends_with('>')) log += " ";
    log += std::to_string(field) + "=";
    switch (value.type) {
      case JsonType::kNull:
        log += "null";
        break;
      case JsonType::kBool:
        log += value.boolean ? "true" : "false";
        break;
      case JsonType::kInt:
        log += std::to_string(value.integer);
        break;
      case JsonType::kDouble:
        log += "d" + std::to_string(value.number);
        break;
      case JsonType::kString:
        log += "\"" + std::string{value.text} + "\"";
        break;
      case JsonType::kObject:
        log += "{";
        break;
      case JsonType::kArray:
        log += "[";
        break;
    }
    log += " ";
  }
  std::string log;
  std::uint8_t piece_field = 0;
};

std::string scan_pieces(const std::vector<std::string_view>& pieces) {
  JsonScanner scanner;
  Recorder recorder;
  scanner.begin(kPaths);
  for (const std::string_view piece : pieces) scanner.feed(piece, &recorder);
  scanner.finish(&recorder);
  if (recorder.log.ends_with('>')) recorder.log += " ";
  recorder.log += scanner.complete() ? "." : scanner.stopped() ? "!" : "…";
  return recorder.log;
}

// Every cut has to give the same.
std::string scan(std::string_view text) {
  const std::string whole = scan_pieces({text});
  std::size_t different = 0;
  for (const auto& pieces : cuts_of(text)) different += scan_pieces(pieces) != whole ? 1 : 0;
  CHECK(different == 0);
  return whole;
}

TEST_CASE("wanted values are found wherever they stand, and nothing else", "[json]") {
  CHECK(scan(R"({"model":"gpt","usage":{"prompt_tokens":5}})") == "1=\"gpt\" 2=5 .");
  CHECK(scan(R"( { "x" : [ 1 , {"model":"no"} ] , "usage" : { "details" : { "cached" : 7 } } } )") ==
        "3=7 .");
  CHECK(scan(R"({"messages":[{"model":"no","usage":{"prompt_tokens":1}}],"model":"yes"})") == "1=\"yes\" .");
  CHECK(scan(R"({"usage":{"model":"no"},"prompt_tokens":1})") == ".");
}

TEST_CASE("array elements are reported one by one", "[json]") {
  CHECK(scan(R"({"choices":[{"finish_reason":"stop"},{"finish_reason":null}]})") ==
        "4={ 5=\"stop\" 4={ 5=null .");
  CHECK(scan(R"({"choices":[{"calls":[{"name":"a"},{"name":"b"}]}]})") == "4={ 6=\"a\" 6=\"b\" .");
  CHECK(scan(R"({"stop":"x"})") == "7=\"x\" .");
  CHECK(scan(R"({"stop":["x","y"]})") == "7=[ 8=\"x\" 8=\"y\" .");
  CHECK(scan(R"({"stop":[],"choices":[],"model":"m"})") == "7=[ 1=\"m\" .");
}

TEST_CASE("a container where a scalar is expected, or the other way round, is no harm", "[json]") {
  CHECK(scan(R"({"model":{"a":1},"usage":3,"choices":{"finish_reason":"x"}})") == "1={ .");
  CHECK(scan(R"({"error":{"type":"t"}})") == "11={ 12=\"t\" .");
  CHECK(scan(R"({"error":"plain"})") == "11=\"plain\" .");
  CHECK(scan(R"([{"model":"no"}])") == ".");
  CHECK(scan(R"("model")") == ".");
}

TEST_CASE("numbers are integers where they can be and doubles otherwise", "[json]") {
  CHECK(scan(R"({"stop":[1,-2,1.5,1e2,0.1]})") == "7=[ 8=1 8=-2 8=d1.500000 8=d100.000000 8=d0.100000 .");
  CHECK(scan(R"({"stop":[9223372036854775807,9223372036854775808]})") ==
        "7=[ 8=9223372036854775807 8=d9223372036854775808.000000 .");
  CHECK(scan(R"({"stop":[true,false,null]})") == "7=[ 8=true 8=false 8=null .");
}

TEST_CASE("numbers that are none or too great are left out, and reading goes on", "[json]") {
  CHECK(scan(R"({"stop":[1e999,-1e999,1.2.3,-,truth,nope,0x1F,-inf,-nan],"model":"m"})") == "7=[ 1=\"m\" .");
  CHECK(scan("{\"stop\":" + std::string(100000, '9') + ",\"model\":\"m\"}") == "1=\"m\" .");
}

TEST_CASE("escapes are decoded, in keys too", "[json]") {
  CHECK(scan(R"({"model":"a\"\\\/\b\f\n\r\t\u0041"})") == "1=\"a\"\\/\b\f\n\r\tA\" .");
  CHECK(scan(R"({"mo\u0064el":"x"})") == "1=\"x\" .");
  CHECK(scan(R"({"model":"\u00e9\u20ac\ud83d\ude00"})") == "1=\"é€😀\" .");
  CHECK(scan(R"({"model":"\uD83D\uDE00"})") == "1=\"😀\" .");
}

TEST_CASE("half a surrogate pair becomes the replacement character", "[json]") {
  CHECK(scan(R"({"model":"\ud83d"})") == "1=\"\uFFFD\" .");
  CHECK(scan(R"({"model":"\ud83dx"})") == "1=\"\uFFFDx\" .");
  CHECK(scan(R"({"model":"\ud83d\n"})") == "1=\"\uFFFD\n\" .");
  CHECK(scan(R"({"model":"\ud83d\ud83d\ude00"})") == "1=\"\uFFFD😀\" .");
  CHECK(scan(R"({"model":"\ude00"})") == "1=\"\uFFFD\" .");
}

TEST_CASE("a string is cut at a character, however it comes", "[json]") {
  CHECK(scan(R"({"short":"abcde"})") == "9=\"abcde\" .");
  CHECK(scan(R"({"short":"abcdef"})") == "9=\"abcde\" .");
  CHECK(scan(R"({"short":"abcdé"})") == "9=\"abcd\" .");
  CHECK(scan(R"({"short":"abcd\u00e9"})") == "9=\"abcd\" .");
  CHECK(scan(R"({"short":"ab€"})") == "9=\"ab€\" .");
  CHECK(scan(R"({"short":"abc€"})") == "9=\"abc\" .");
  CHECK(scan(R"({"short":"ab\ud83d\ude00"})") == "9=\"ab\" .");
  CHECK(scan("{\"long\":\"" + std::string(5000, 'x') + "\"}") ==
        "10=\"" + std::string(kMaxJsonText, 'x') + "\" .");
}

TEST_CASE("a string ends at its own quote, however far behind its limit, and whatever stands before that",
          "[json]") {
  const std::string far(200, 'x');
  for (const std::string& tail :
       {std::string(), std::string("\\\""), std::string("\\\\"), std::string("\\\\\\\""), far,
        far + "\\\"" + far, far + "\\\\", "\\\"\\\"" + far + "\\n\\\\"}) {
    INFO(tail);
    CHECK(scan("{\"short\":\"abcdef" + tail + "\",\"model\":\"m\"}") == "9=\"abcde\" 1=\"m\" .");
    CHECK(scan("{\"other\":\"abcdef" + tail + "\",\"model\":\"m\"}") == "1=\"m\" .");
  }
  // The limit lies before, in and behind an escape.
  CHECK(scan(R"({"short":"abcd\nx\"y","model":"m"})") == "9=\"abcd\n\" 1=\"m\" .");
  CHECK(scan(R"({"short":"abcde\nx\"y","model":"m"})") == "9=\"abcde\" 1=\"m\" .");
  CHECK(scan(R"({"short":"abcdef\nx\"y","model":"m"})") == "9=\"abcde\" 1=\"m\" .");
}

TEST_CASE("a text that comes in pieces is decoded and has no limit", "[json]") {
  CHECK(scan(R"({"text":"abc","model":"m"})") == "13=\"\" 13<abc> 1=\"m\" .");
  CHECK(scan(R"({"text":"a\"\n\u00e9\ud83d\ude00z"})") == "13=\"\" 13<a\"\né😀z> .");
  CHECK(scan(R"({"text":"\ud83d","texts":["\ud83dx",7,{"a":"b"},"",null]})") ==
        "13=\"\" 13<\uFFFD> 14=\"\" 14<\uFFFDx> 14=7 14={ 14=\"\" 14=null .");
  CHECK(scan(R"({"te\u0078t":"x","text":"never en)") == "13=\"\" 13<x> 13=\"\" 13<never en> …");
  const std::string long_text(10000, 'x');
  CHECK(scan_pieces({"{\"text\":\"", long_text, "\"}"}) == "13=\"\" 13<" + long_text + "> .");
  std::string escapes;
  std::string decoded;
  for (int at = 0; at < 5000; ++at) escapes += "\\u00e9\\n";
  for (int at = 0; at < 5000; ++at) decoded += "é\n";
  CHECK(scan_pieces({"{\"text\":\"", escapes, "\"}"}) == "13=\"\" 13<" + decoded + "> .");
}

TEST_CASE("a container that is wanted raw comes as it is written", "[json]") {
  CHECK(scan(R"({"raw":{"a": [1,"}\""]},"model":"m"})") == R"(15={ 15<{"a": [1,"}\""]}> 1="m" .)");
  CHECK(scan(R"({"raw":[],"raws":[{"raw":{}},{"raw":"s"},{"raw":1}]})") ==
        "15=[ 15<[]> 16={ 16<{}> 16=\"\" 16<s> 16=1 .");
  CHECK(scan(R"({"raw":{"a":[)") == R"(15={ 15<{"a":[> …)");
}

TEST_CASE("what is no JSON stops the scanner and keeps what was seen", "[json]") {
  CHECK(scan(R"({"model":"m",})") == "1=\"m\" !");
  CHECK(scan(R"({"model":"m"]})") == "1=\"m\" !");
  CHECK(scan(R"({"model" "m"})") == "!");
  CHECK(scan(R"({model:"m"})") == "!");
  CHECK(scan(R"({"model":"\x"})") == "!");
  CHECK(scan(R"({"model":"\u12g4"})") == "!");
  CHECK(scan("{\"model\":\"m\"\0}"sv) == "1=\"m\" !");
  CHECK(scan("<html>") == "!");
  CHECK(scan(",") == "!");
}

TEST_CASE("text that is cut keeps what was whole", "[json]") {
  CHECK(scan("") == "…");
  CHECK(scan(R"({"model":"m","usage":{"prompt_tokens":12)") == "1=\"m\" …");
  CHECK(scan(R"({"model":"m)") == "…");
  CHECK(scan(R"({"model":"m","messages":[{"content":"never en)") == "1=\"m\" …");
}

TEST_CASE("what follows the document is ignored", "[json]") {
  CHECK(scan(R"({"model":"m"}{"model":"n"})") == "1=\"m\" .");
  CHECK(scan("{\"model\":\"m\"}\n\n") == "1=\"m\" .");
  CHECK(scan("42") == ".");
}

TEST_CASE("a key that stands twice is reported twice", "[json]") {
  CHECK(scan(R"({"model":"a","model":"b"})") == "1=\"a\" 1=\"b\" .");
}

TEST_CASE("a key longer than any of ours is no match, whatever it begins with", "[json]") {
  CHECK(scan("{\"" + std::string(100000, 'm') + "\":1,\"model\":\"m\"}") == "1=\"m\" .");
  CHECK(scan(R"({"modelx":"n","mode":"n","":"n","model":"m"})") == "1=\"m\" .");
}

TEST_CASE("a key is found by all of its bytes, be it short or long, and only below its own parent",
          "[json]") {
  static constexpr JsonPaths kKeys{{
      {"a", 1},
      {"ab", 2},
      {"abc", 3},
      {"abcdefg", 4},
      {"abcdefgh", 5},
      {"abcdefghi", 6},
      {"abcdefghijklmnopqrstuvwxyz", 7},
      {"in.abc", 8},
  }};
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  const auto found = [](const std::string& key) {
    Recorder recorder;
    JsonScanner scanner;
    scanner.begin(kKeys);
    scanner.feed("{\"" + key + "\":0,\"in\":{\"" + key + "\":0}}", &recorder);
    return recorder.log;
  };
  for (std::size_t size = 0; size <= kLetters.size(); ++size) {
    const std::string key(kLetters.substr(0, size));
    const std::size_t sizes[] = {0, 1, 2, 3, 7, 8, 9, 26};
    std::string expected;
    for (std::size_t field = 1; field < std::size(sizes); ++field) {
      if (sizes[field] == size) expected = std::to_string(field) + "=0 ";
    }
    CHECK(found(key) == (size == 3 ? expected + "8=0 " : expected));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = key;
      other[at] = 'Z';
      CHECK(found(other).empty());
    }
  }
}

TEST_CASE("a million levels are balanced without a stack", "[json]") {
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  CHECK(scan_pieces({"{\"x\":", deep, ",\"model\":\"m\"}"}) == "1=\"m\" .");
  CHECK(scan_pieces({deep}) == ".");
  CHECK(scan_pieces({std::string(1000000, '[')}) == "…");
  std::string objects;
  for (int level = 0; level < 100000; ++level) objects += "{\"choices\":[";
  CHECK(scan_pieces({objects}) == "4={ …");
}

TEST_CASE("invalid UTF-8 and NULs in strings pass through", "[json]") {
  CHECK(scan("{\"short\":\"\xff\xfe\x80\"}") == "9=\"\xff\xfe\x80\" .");
  CHECK(scan("{\"short\":\"\x80\x80\x80\x80\x80\x80\x80\"}") == "9=\"\x80\x80\x80\x80\x80\" .");
  CHECK(scan("{\"short\":\"a\0b\"}"sv) == "9=\"a\0b\" ."sv);
}

TEST_CASE("quotes, brackets and backslashes in skipped strings do not end anything", "[json]") {
  CHECK(scan(R"({"x":"}]\"","y":{"z":"]}\\"},"w":["\\\"",[]],"model":"m"})") == "1=\"m\" .");
  CHECK(scan(R"({"x":[[{"a":"b"},"c]"],1,2],"model":"m"})") == "1=\"m\" .");
}

TEST_CASE("a prompt of ten megabytes costs a few milliseconds", "[json]") {
  std::string body =
      R"({"messages":[{"role":"user","content":")" + std::string(10U << 20, 'a') + R"("}],"model":"m"})";
  const auto start = std::chrono::steady_clock::now();
  CHECK(scan_pieces({body}) == "1=\"m\" .");
  // Ten times what was measured, for machines that are busy; an unoptimised or sanitized build gets more.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace llmo::genai
