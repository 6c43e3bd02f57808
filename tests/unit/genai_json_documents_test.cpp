#include "shim/genai/json_documents.h"

#include <catch2/catch.hpp>

#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

using Layout = JsonDocuments::Layout;

class Recorder final : public DocumentSink {
 public:
  void on_document_begin() override { documents.emplace_back(); }
  void on_document_bytes(std::string_view bytes) override { documents.back() += bytes; }
  void on_document_end() override { documents.back() += "|"; }
  std::vector<std::string> documents;
};

std::vector<std::string> read(Layout layout, const Pieces& pieces) {
  JsonDocuments reader;
  Recorder recorder;
  reader.begin(layout);
  for (const std::string_view piece : pieces) reader.feed(piece, &recorder);
  reader.finish(&recorder);
  return recorder.documents;
}

// The documents, each closed by `|`; the same for every cut.
std::vector<std::string> documents_of(Layout layout, std::string_view text) {
  const std::vector<std::string> whole = read(layout, {text});
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(text)) different += read(layout, pieces) != whole ? 1U : 0U;
  CHECK(different == 0);
  return whole;
}

using Documents = std::vector<std::string>;

TEST_CASE("each line is a document, however lines end", "[json_documents]") {
  CHECK(documents_of(Layout::kLines, "{\"a\":1}\n{\"b\":[2]}\r\n\r\n[3]\n") ==
        Documents{"{\"a\":1}|", "{\"b\":[2]}|", "[3]|"});
  CHECK(documents_of(Layout::kLines, "{\"a\":1}{\"b\":2} {\"c\":3}") ==
        Documents{"{\"a\":1}|", "{\"b\":2}|", "{\"c\":3}|"});
  CHECK(documents_of(Layout::kLines, "\x1e{\"a\":1}\n\x1e{\"b\":2}\n") ==
        Documents{"{\"a\":1}|", "{\"b\":2}|"});
}

TEST_CASE("an indented document over several lines is one", "[json_documents]") {
  CHECK(documents_of(Layout::kLines, "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n") ==
        Documents{"{\n  \"a\": {\n    \"b\": 1\n  }\n}|"});
}

TEST_CASE("braces and brackets in strings part nothing", "[json_documents]") {
  CHECK(documents_of(Layout::kLines, R"({"a":"}]{[\"}\\"}
{"b":"\\\\\"}"})") == Documents{R"({"a":"}]{[\"}\\"}|)", R"({"b":"\\\\\"}"}|)"});
}

TEST_CASE("lines that are no documents are left out", "[json_documents]") {
  CHECK(documents_of(Layout::kLines, "{\"a\":1}\nupstream error: {closed}\n\"text\"\n{\"b\":2}\nnull") ==
        Documents{"{\"a\":1}|", "{\"b\":2}|"});
}

TEST_CASE("the elements of an array are documents", "[json_documents]") {
  CHECK(documents_of(Layout::kArray, "[{\"a\":[1,{}]}\n,\r\n{\"b\":\"],[\"}]\n") ==
        Documents{"{\"a\":[1,{}]}|", "{\"b\":\"],[\"}|"});
  CHECK(documents_of(Layout::kArray, "[]{\"a\":1}").empty());
  CHECK(documents_of(Layout::kArray, "[{\"a\":1},7,{\"b\":2}]") == Documents{"{\"a\":1}|"});
}

TEST_CASE("a document that is cut ends with the body", "[json_documents]") {
  CHECK(documents_of(Layout::kLines, "{\"a\":1}\n{\"b\":\"x") == Documents{"{\"a\":1}|", "{\"b\":\"x|"});
  CHECK(documents_of(Layout::kArray, "[{\"a\":1},{\"b\"") == Documents{"{\"a\":1}|", "{\"b\"|"});
}

TEST_CASE("nesting of any depth is one document", "[json_documents]") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const Documents found = read(Layout::kLines, {deep, "\n{}"});
  REQUIRE(found.size() == 2);
  CHECK(found[0].size() == deep.size() + 1);
}

}  // namespace
}  // namespace llmo::genai
