// Feeds arbitrary bytes to the splitter of JSON documents, as lines and as an array, in pieces of several
// sizes, and demands the documents that a plain walk over the whole, byte by byte, gives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shim/genai/json_documents.h"

namespace {

using llmo::genai::JsonDocuments;
using Layout = JsonDocuments::Layout;

class Recorder final : public llmo::genai::DocumentSink {
 public:
  void on_document_begin() override { text += '<'; }
  void on_document_bytes(std::string_view bytes) override { text += bytes; }
  void on_document_end() override { text += '>'; }
  std::string text;
};

std::string read(Layout layout, std::string_view text, std::size_t piece) {
  JsonDocuments reader;
  Recorder recorder;
  reader.begin(layout);
  for (std::size_t at = 0; at < text.size(); at += piece) reader.feed(text.substr(at, piece), &recorder);
  reader.finish(&recorder);
  return recorder.text;
}

// The length of the document that begins `text`, all of it where it does not end.
std::size_t document_size(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (in_string && byte == '\\') {
      ++at;
    } else if (byte == '"') {
      in_string = !in_string;
    } else if (!in_string && (byte == '{' || byte == '[')) {
      ++depth;
    } else if (!in_string && (byte == '}' || byte == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

std::string expected(Layout layout, std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\x1e";
  const bool lines = layout == Layout::kLines;
  std::string documents;
  const auto skip_blanks = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  };
  skip_blanks();
  if (!lines && !text.starts_with('[')) return documents;
  if (!lines) text.remove_prefix(1);
  for (skip_blanks(); !text.empty(); skip_blanks()) {
    const char first = text.front();
    if (first == '{' || first == '[') {
      const std::size_t size = document_size(text);
      documents.append("<").append(text.substr(0, size)).append(">");
      text.remove_prefix(size);
    } else if (lines) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (first == ',') {
      text.remove_prefix(1);
    } else {
      break;
    }
  }
  return documents;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const Layout layout : {Layout::kLines, Layout::kArray}) {
    const std::string documents = expected(layout, text);
    for (const std::size_t piece : {size + 1, std::size_t{1}, std::size_t{3}, std::size_t{17}}) {
      if (read(layout, text, piece) != documents) std::abort();
    }
  }
  return 0;
}
