#include "shim/genai/sse.h"

#include <cstring>

#include "shim/genai/byte_search.h"

namespace llmo::genai {
namespace {

constexpr std::string_view kDataField = "data";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::uint8_t kNoMatch = 0xff;

bool is_line_end(char byte) { return byte == '\n' || byte == '\r'; }

}  // namespace

void SseReader::feed(std::string_view bytes, SseSink* sink) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    if (state_ == State::kLineStart) at += take_line_start(at, end, sink);
    if (at == end) return;
    if (state_ != State::kData && state_ != State::kSkipLine) {
      take(*at++, sink);
      continue;
    }
    const char* const line_end = find_either(at, end, '\n', '\r');
    if (state_ == State::kData && line_end > at)
      sink->on_sse_data({at, static_cast<std::size_t>(line_end - at)});
    if (line_end < end) end_line(*line_end, sink);
    at = line_end < end ? line_end + 1 : end;
  }
}

void SseReader::finish(SseSink* sink) {
  if (state_ == State::kField && matched_ == kDataField.size()) begin_data(sink);
  if (has_data_) sink->on_sse_event_end();
  reset();
}

// What nearly every line begins with, where it lies here in one piece: the name of the field, or the end of
// an event. Returns how many bytes were taken, which may be none.
std::size_t SseReader::take_line_start(const char* at, const char* end, SseSink* sink) {
  const auto size = static_cast<std::size_t>(end - at);
  const bool plain = !after_cr_ && bom_bytes_ == kByteOrderMark.size();
  if (!plain) return 0;
  if (*at == '\n') {
    end_line('\n', sink);
    return 1;
  }
  if (size <= kDataField.size() + 1 || std::memcmp(at, "data:", kDataField.size() + 1) != 0) return 0;
  begin_data(sink);
  state_ = State::kData;
  return kDataField.size() + (at[kDataField.size() + 1] == ' ' ? 2 : 1);
}

// A byte that does not lie in the middle of a line's value.
void SseReader::take(char byte, SseSink* sink) {
  const bool ends_crlf = after_cr_ && byte == '\n';
  after_cr_ = false;
  if (ends_crlf || in_byte_order_mark(byte)) return;
  if (is_line_end(byte)) {
    if (state_ == State::kField && matched_ == kDataField.size()) begin_data(sink);
    return end_line(byte, sink);
  }
  if (state_ == State::kAfterColon) {
    state_ = State::kData;
    if (byte != ' ') sink->on_sse_data({&byte, 1});
    return;
  }
  field_byte(byte, sink);
}

// A byte order mark may stand at the very start; its bytes anywhere else are part of a field that nobody
// knows.
bool SseReader::in_byte_order_mark(char byte) {
  if (bom_bytes_ == kByteOrderMark.size()) return false;
  if (byte == kByteOrderMark[bom_bytes_]) {
    ++bom_bytes_;
    return true;
  }
  if (bom_bytes_ > 0) {
    state_ = State::kField;
    matched_ = kNoMatch;
  }
  bom_bytes_ = kByteOrderMark.size();
  return false;
}

void SseReader::field_byte(char byte, SseSink* sink) {
  if (state_ == State::kLineStart) {
    state_ = State::kField;
    matched_ = 0;
  }
  if (byte == ':') {
    if (matched_ == kDataField.size()) return begin_data(sink);
    state_ = State::kSkipLine;  // a comment, or a field that is not read
  } else if (matched_ < kDataField.size() && byte == kDataField[matched_]) {
    ++matched_;
  } else {
    matched_ = kNoMatch;
  }
}

void SseReader::begin_data(SseSink* sink) {
  if (has_data_) sink->on_sse_data("\n");
  has_data_ = true;
  state_ = State::kAfterColon;
}

void SseReader::end_line(char byte, SseSink* sink) {
  after_cr_ = byte == '\r';
  if (state_ == State::kLineStart && has_data_) {
    has_data_ = false;
    sink->on_sse_event_end();
  }
  state_ = State::kLineStart;
}

}  // namespace llmo::genai
