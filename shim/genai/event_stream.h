// Messages of AWS's event streams (application/vnd.amazon.eventstream), read as they pass by.
//
//   ┌ prelude ─────────────────────────────┬ headers ─────────────────────────┬ payload ┬───────────┐
//   │ total length │ headers' length │ CRC │ name length, name, type, value … │ …       │ CRC       │
//   │ 4 bytes      │ 4               │ 4   │                                  │         │ 4         │
//   └──────────────┴─────────────────┴─────┴──────────────────────────────────┴─────────┴───────────┘
//
// Numbers are big-endian; the total counts everything. The checksums are for those who act on what they read,
// and are passed over: a stream that is damaged yields wrong facts or none, as its reader would find out too.
// Source: Amazon Transcribe developer guide, "Event stream encoding", which Bedrock shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/genai/document_sink.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {

// What the headers of a message say of it; empty where they do not. Valid during the call only.
struct EventHead {
  std::string_view event_type;      // `:event-type`: what the payload is
  std::string_view exception_type;  // `:exception-type` or `:error-code`: an error, and which
  std::string_view error_message;   // `:error-message`
};

// Gets the messages: each payload is a document, named by the call before it.
class EventStreamSink : public DocumentSink {
 public:
  virtual void on_event_head(const EventHead& head) = 0;

 protected:
  ~EventStreamSink() = default;
};

// Does not allocate. Any cut of the bytes gives the same messages. Lengths that cannot be stop the reading.
// Threads: one at a time.
class EventStreamReader {
 public:
  void feed(std::string_view bytes, EventStreamSink* sink);
  // The stream is over: a message that it cut ends here.
  void finish(EventStreamSink* sink);

 private:
  enum class State : std::uint8_t {
    kPrelude,
    kNameSize,
    kName,
    kValueType,
    kValueSizeHigh,
    kValueSizeLow,
    kValue,
    kSkipHeaders,
    kPayload,
    kTrailer,
    kStopped,
  };
  static constexpr std::size_t kPreludeSize = 12;
  static constexpr std::size_t kTrailerSize = 4;

  std::size_t take(std::string_view bytes, EventStreamSink* sink);
  void header_byte(char byte);
  void end_prelude();
  void begin_value(std::uint8_t type);
  void value_byte(char byte);
  void begin_payload(EventStreamSink* sink);

  State state_ = State::kPrelude;
  std::uint32_t wanted_ = kPreludeSize;  // bytes that are still to come of the part that is being read
  std::uint32_t headers_left_ = 0;
  std::uint32_t payload_left_ = 0;
  unsigned char prelude_[kPreludeSize] = {};
  platform::FixedText<16> name_;
  platform::FixedText<64> event_type_;
  platform::FixedText<64> exception_type_;
  platform::FixedText<256> error_message_;
};

}  // namespace llmo::genai
