// What ContentCapture makes of two bodies, as text that a test can compare.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/genai/content.h"
#include "tests/unit/genai_attributes.h"

namespace llmo::genai {

// Our own format in print: a message on a line of its own, ` |` before a part, `~` before a field.
inline std::string printed(const std::string& text) {
  std::string out;
  for (const char byte : text) {
    switch (byte) {
      case journal::kContentMessage:
        out += out.empty() ? "" : "\n";
        break;
      case journal::kContentPart:
        out += " |";
        break;
      case journal::kContentField:
        out += "~";
        break;
      default:
        out += byte;
    }
  }
  return out;
}

struct Captured {
  std::string system;
  std::string tools;
  std::string input;
  std::string output;
  std::string omitted;
  bool operator==(const Captured&) const = default;
};

inline Captured captured(ContentCapture* content) {
  journal::SpanDraft draft;
  content->write(&draft);
  Attributes found = attributes_of(draft);
  return {printed(found[std::string{journal::kContentSystem}]),
          printed(found[std::string{journal::kContentTools}]),
          printed(found[std::string{journal::kContentInput}]),
          printed(found[std::string{journal::kContentOutput}]), found[std::string{journal::kContentOmitted}]};
}

inline void feed(DocumentSink* sink, std::string_view document, std::size_t piece) {
  sink->on_document_begin();
  for (; !document.empty(); document.remove_prefix(std::min(piece, document.size()))) {
    sink->on_document_bytes(document.substr(0, piece));
  }
  sink->on_document_end();
}

inline ApiMatch match_of(BodyShape shape) {
  ApiMatch match;
  match.shape = shape;
  return match;
}

// The request's body and the documents of the response, handed over in pieces of that size.
inline Captured capture(BodyShape shape, std::string_view request,
                        const std::vector<std::string_view>& response, std::size_t piece = 1U << 20) {
  ContentCapture content;
  content.begin(match_of(shape));
  feed(content.request(), request, piece);
  for (const std::string_view document : response) feed(content.response(), document, piece);
  return captured(&content);
}

}  // namespace llmo::genai
