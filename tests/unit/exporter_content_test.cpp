// From captured content as a host writes it to the JSON of the conventions.
#include "exporters/span/content.h"

#include <catch2/catch.hpp>

#include "exporters/span/attributes.h"
#include "exporters/span/content_parser.h"
#include "exporters/span/json_text.h"
#include "shim/journal/content_format.h"

namespace {

using namespace llmo;
using namespace std::string_literals;

// `#` for a message, `|` for a part, `~` for a field.
std::string captured(std::string text) {
  for (char& byte : text) {
    if (byte == '#') byte = journal::kContentMessage;
    if (byte == '|') byte = journal::kContentPart;
    if (byte == '~') byte = journal::kContentField;
  }
  return text;
}

AttributeList converted(std::string_view key, const std::string& text) {
  AttributeList attributes{{std::string(key), captured(text)}};
  convert_content(attributes);
  return attributes;
}

std::string text_of(const AttributeList& attributes, std::string_view key) {
  const AttributeValue* const value = find_attribute(attributes, key);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "(none)" : *text;
}

bool is_truncated(const AttributeList& attributes) {
  const AttributeValue* const value = find_attribute(attributes, "llmobserve.content.truncated");
  return value != nullptr && *value == AttributeValue{true};
}

std::string input(const std::string& text) {
  return text_of(converted(journal::kContentInput, text), "gen_ai.input.messages");
}
std::string tools(const std::string& text) {
  return text_of(converted(journal::kContentTools, text), "gen_ai.tool.definitions");
}

TEST_CASE("captured messages become the JSON of the conventions", "[exporter][content]") {
  CHECK(input("#user|t~xHi \"you\"\n") ==
        R"([{"role":"user","parts":[{"type":"text","content":"Hi \"you\"\n"}]}])");
  CHECK(input("#assistant|h~xhm|c~ic1~nf~x{\"a\": [1.50]}|c~nf~xnone") ==
        R"([{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},)"
        R"({"type":"tool_call","id":"c1","name":"f","arguments":{"a": [1.50]}},)"
        R"({"type":"tool_call","name":"f","arguments":"none"}]}])");
  CHECK(input("#tool|o~ic1~x42|o~ic2~x[1]") ==
        R"([{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"42"},)"
        R"({"type":"tool_call_response","id":"c2","response":[1]}]}])");
  CHECK(
      input("#user|b~mimage/png|b~mimage|u~mvideo/mp4~xgs://b/f|u~xhttps://x/|f~ifile-1") ==
      R"([{"role":"user","parts":[{"type":"blob","modality":"image","mime_type":"image/png"},)"
      R"({"type":"blob","modality":"image"},{"type":"uri","modality":"video","mime_type":"video/mp4","uri":"gs://b/f"},)"
      R"({"type":"uri","uri":"https://x/"},{"type":"file","file_id":"file-1"}]}])");
  CHECK(text_of(converted(journal::kContentSystem, "#system|t~xA|t~xB"), "gen_ai.system_instructions") ==
        R"([{"type":"text","content":"A"},{"type":"text","content":"B"}])");
}

TEST_CASE("roles get the words of the conventions", "[exporter][content]") {
  CHECK(input("#USER#model#Chatbot#developer#") ==
        R"([{"role":"user","parts":[]},{"role":"assistant","parts":[]},{"role":"assistant","parts":[]},)"
        R"({"role":"developer","parts":[]},{"role":"user","parts":[]}])");
  CHECK(text_of(converted(journal::kContentOutput, "#|t~xA"), "gen_ai.output.messages") ==
        R"([{"role":"assistant","parts":[{"type":"text","content":"A"}]}])");
}

TEST_CASE("what was cut is marked where it was cut and on the span", "[exporter][content]") {
  CHECK(input("#user|t~xab~!") == R"([{"role":"user","parts":[{"type":"text","content":"ab…[cut]"}]}])");
  CHECK(input("#user|c~nf~x{\"a\":1}~!") ==
        R"([{"role":"user","parts":[{"type":"tool_call","name":"f","arguments":"{\"a\":1}…[cut]"}]}])");
  CHECK(input("#user~!") == R"([{"role":"user","parts":[{"type":"text","content":"…[cut]"}]}])");
  CHECK(is_truncated(converted(journal::kContentInput, "#user|t~xab~!")));
  CHECK_FALSE(is_truncated(converted(journal::kContentInput, "#user|t~xab")));
  CHECK(is_truncated(converted(journal::kContentTools, "[{\"name\":\"f\"},{\"na~!")));
  AttributeList omitted{{std::string(journal::kContentOmitted), std::int64_t{3}}};
  convert_content(omitted);
  CHECK(is_truncated(omitted));
  CHECK(find_attribute(omitted, journal::kContentOmitted) != nullptr);
}

TEST_CASE("only captured content is replaced", "[exporter][content]") {
  AttributeList attributes{
      {"a", "1"s}, {std::string(journal::kContentInput), captured("#user")}, {"b", true}};
  convert_content(attributes);
  REQUIRE(attributes.size() == 3);
  CHECK(attributes[0].key == "a");
  CHECK(attributes[1].key == "b");
  CHECK(attributes[2].key == "gen_ai.input.messages");
  AttributeList odd{{std::string(journal::kContentInput), std::int64_t{1}}};
  convert_content(odd);
  CHECK(odd.empty());
}

TEST_CASE("tools of every provider become functions", "[exporter][content]") {
  const std::string function =
      R"({"type":"function","name":"f","description":"d","parameters":{"type":"object"}})";
  CHECK(
      tools(
          R"([{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}])") ==
      "[" + function + "]");
  CHECK(tools(R"([{"name":"f","description":"d","input_schema":{"type":"object"}}])") ==
        "[" + function + "]");
  CHECK(tools(R"([{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}])") ==
        "[" + function + "]");
  CHECK(
      tools(
          R"([{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"object"}}]}])") ==
      "[" + function + "]");
  CHECK(tools(R"([{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object"}}}}])") ==
        "[" + function + "]");
  CHECK(tools(R"([{"type":"web_search"},{"googleSearch":{}},7])") ==
        R"([{"type":"web_search"},{"googleSearch":{}}])");
}

TEST_CASE("of tools that were cut the whole ones stay", "[exporter][content]") {
  CHECK(tools(R"([{"name":"f"},{"name":"g","x":"]}\"")") == R"([{"type":"function","name":"f"}])");
  CHECK(tools(R"([{"name":"f)") == "[]");
  CHECK(tools("") == "[]");
  CHECK(tools("garbage]") == "[]");
  CHECK(tools(R"({"name":"f"})") == "[]");
  CHECK(closed_json_array(R"([1,{"a":[2]},{"b)") == R"([1,{"a":[2]}])");
}

TEST_CASE("JSON that is none is never passed on as JSON", "[exporter][content]") {
  CHECK(is_json_container(R"( {"a":[1,2]} )"));
  for (const std::string& text :
       {""s, "1"s, "\"x\""s, "{"s, "{} {}"s, "{}\0{"s, "{\"a\":\"\xff\"}"s, "{\"a\":\"\n\"}"s, "[1e999]"s}) {
    CHECK_FALSE(is_json_container(text));
  }
  CHECK(is_json_container(std::string(5000, '[') + std::string(5000, ']')));
}

TEST_CASE("content that is cut at any byte is still whole JSON", "[exporter][content]") {
  const std::string text = captured(
      "#system|t~xBe "
      "kind.#user|t~xq|b~mimage/png|u~xhttps://x/#assistant|c~ic~nf~x{\"a\":[1]}|h~xhm~!#tool|o~ic~x[1]");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string json =
        text_of(converted(journal::kContentInput, text.substr(0, size)), "gen_ai.input.messages");
    CHECK(is_json_container(json));
    CHECK(is_json_container(
        text_of(converted(journal::kContentInput, text.substr(size)), "gen_ai.input.messages")));
  }
}

}  // namespace
