// Server-sent events, read as they pass by: what comes after `data:` is handed on at once, nothing is
// collected.
//
// Source: WHATWG HTML, 9.2.6 "Interpreting an event stream". Lines end with LF, CR or CRLF; one space after
// the colon belongs to the syntax; several data lines of an event are joined by a newline; lines that start
// with a colon are comments. Unlike the standard, an event that the end of the stream cuts is handed on as
// well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace llmo::genai {

// Gets the events of one stream. Called from SseReader::feed() and finish() only.
class SseSink {
 public:
  // Some bytes of the current event's data; valid during the call only.
  virtual void on_sse_data(std::string_view bytes) = 0;
  // The current event is over. Called only for an event that has a data line, even an empty one.
  virtual void on_sse_event_end() = 0;

 protected:
  ~SseSink() = default;
};

// Does not allocate. Any cut of the bytes gives the same result. Threads: one at a time.
class SseReader {
 public:
  void reset() { *this = SseReader{}; }
  void feed(std::string_view bytes, SseSink* sink);
  // The stream is over.
  void finish(SseSink* sink);

 private:
  enum class State : std::uint8_t { kLineStart, kField, kAfterColon, kData, kSkipLine };

  std::size_t take_line_start(const char* at, const char* end, SseSink* sink);
  void take(char byte, SseSink* sink);
  void field_byte(char byte, SseSink* sink);
  bool in_byte_order_mark(char byte);
  void begin_data(SseSink* sink);
  void end_line(char byte, SseSink* sink);

  State state_ = State::kLineStart;
  bool after_cr_ = false;       // the line ended with CR: an LF right after belongs to it
  bool has_data_ = false;       // the current event has a data line
  std::uint8_t bom_bytes_ = 0;  // bytes of a byte order mark seen at the start; 3: no more can come
  std::uint8_t matched_ = 0;    // bytes of `data` that the field name begins with; 0xff: it is another name
};

}  // namespace llmo::genai
