#include "shim/genai/json_documents.h"

#include <bit>

#include "shim/genai/byte_search.h"

namespace llmo::genai {
namespace {

bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }
// What JSON text sequences (RFC 7464) put in front of each document.
constexpr char kRecordSeparator = '\x1e';

}  // namespace

void JsonDocuments::feed(std::string_view bytes, DocumentSink* sink) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end && state_ != State::kOver) {
    if (state_ == State::kSkipLine) {
      at = find_either(at, end, '\n', '\n');
      if (at < end) state_ = State::kBetween;
      continue;
    }
    if (state_ != State::kDocument) {
      between(*at);
      if (state_ != State::kDocument) {
        ++at;
        continue;
      }
      sink->on_document_begin();
    }
    const char* const stop = document(at, end);
    sink->on_document_bytes({at, static_cast<std::size_t>(stop - at)});
    if (state_ != State::kDocument) sink->on_document_end();
    at = stop;
  }
}

void JsonDocuments::finish(DocumentSink* sink) {
  if (state_ == State::kDocument) sink->on_document_end();
  state_ = State::kOver;
}

// A byte outside of all documents. The one that begins a document belongs to it, and is looked at again.
void JsonDocuments::between(char byte) {
  if (is_space(byte) || byte == kRecordSeparator) return;
  if (state_ == State::kBeforeArray) {
    state_ = byte == '[' ? State::kBetween : State::kOver;
  } else if (byte == '{' || byte == '[') {
    state_ = State::kDocument;
  } else if (layout_ == Layout::kLines) {
    state_ = State::kSkipLine;
  } else if (byte != ',') {
    state_ = State::kOver;
  }
}

// Goes through a document up to its end or the end of the bytes, from one byte that matters to the next, as
// JsonScanner does where it skips.
const char* JsonDocuments::document(const char* at, const char* end) {
  while (at < end) {
    const std::size_t size = end - at < 16 ? static_cast<std::size_t>(end - at) : 16;
    std::uint32_t mask = syntax_mask(at, size) & ~static_cast<std::uint32_t>(escaped_);
    escaped_ = false;
    for (; mask != 0; mask &= mask - 1) {
      const auto index = static_cast<std::size_t>(std::countr_zero(mask));
      const char byte = at[index];
      if (byte == '"') {
        in_string_ = !in_string_;
      } else if (in_string_) {
        if (byte != '\\') continue;
        mask &= ~(std::uint32_t{2} << index);
        escaped_ = index + 1 == size;
      } else if ((byte | 0x20) == '{') {
        ++depth_;
      } else if (byte != '\\' && --depth_ == 0) {
        state_ = State::kBetween;
        return at + index + 1;
      }
    }
    at += size;
  }
  return at;
}

}  // namespace llmo::genai
