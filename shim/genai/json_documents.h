// JSON documents that stand one after the other in a body: a line each (NDJSON), or the elements of one big
// array.
//
//   {"response":"Hel"}⏎{"response":"lo"}⏎          Ollama, Cohere v1
//   [{"candidates":[…]},⏎{"candidates":[…]}]       Gemini, where it was not asked for server-sent events
//
// Where a document ends is told by its braces, not by line ends: a server that types an indented document as
// NDJSON means one document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/genai/document_sink.h"

namespace llmo::genai {

// Does not allocate. Any cut of the bytes gives the same documents. What is neither object nor array is left
// out: in lines up to the end of the line, in an array all that follows. Threads: one at a time.
class JsonDocuments {
 public:
  enum class Layout : std::uint8_t { kLines, kArray };

  void begin(Layout layout) {
    layout_ = layout;
    state_ = layout == Layout::kArray ? State::kBeforeArray : State::kBetween;
    in_string_ = escaped_ = false;
    depth_ = 0;
  }
  void feed(std::string_view bytes, DocumentSink* sink);
  // The body is over: a document that it cut ends here.
  void finish(DocumentSink* sink);

 private:
  enum class State : std::uint8_t { kBeforeArray, kBetween, kDocument, kSkipLine, kOver };

  void between(char byte);
  const char* document(const char* at, const char* end);

  Layout layout_ = Layout::kLines;
  State state_ = State::kOver;
  bool in_string_ = false;
  bool escaped_ = false;     // the byte before was a backslash that counts
  std::uint64_t depth_ = 0;  // containers open in the document
};

}  // namespace llmo::genai
