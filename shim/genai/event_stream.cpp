#include "shim/genai/event_stream.h"

namespace llmo::genai {
namespace {

// Both are far above what any service sends; a length beyond them is no length.
constexpr std::uint32_t kMaxHeaders = 128 * 1024;
constexpr std::uint32_t kMaxMessage = 24 * 1024 * 1024 + kMaxHeaders;

constexpr std::uint8_t kBytesType = 6;
constexpr std::uint8_t kStringType = 7;
// Sizes of the values by type; the two that say their own size have 0 here, as have the booleans.
constexpr std::uint8_t kValueSizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};

std::uint32_t number_at(const unsigned char* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

}  // namespace

void EventStreamReader::feed(std::string_view bytes, EventStreamSink* sink) {
  while (!bytes.empty() && state_ != State::kStopped) bytes.remove_prefix(take(bytes, sink));
}

void EventStreamReader::finish(EventStreamSink* sink) {
  if (state_ == State::kPayload) sink->on_document_end();
  state_ = State::kStopped;
}

// Takes at least one byte of `bytes`, and says how many.
std::size_t EventStreamReader::take(std::string_view bytes, EventStreamSink* sink) {
  if (state_ == State::kPayload) {
    const std::size_t size = bytes.size() < payload_left_ ? bytes.size() : payload_left_;
    sink->on_document_bytes(bytes.substr(0, size));
    payload_left_ -= static_cast<std::uint32_t>(size);
    if (payload_left_ != 0) return size;
    sink->on_document_end();
    state_ = State::kTrailer;
    wanted_ = kTrailerSize;
    return size;
  }
  if (state_ == State::kPrelude) {
    prelude_[kPreludeSize - wanted_] = static_cast<unsigned char>(bytes.front());
    if (--wanted_ == 0) end_prelude();
  } else if (state_ == State::kTrailer) {
    if (--wanted_ == 0) {
      state_ = State::kPrelude;
      wanted_ = kPreludeSize;
    }
    return 1;
  } else {
    --headers_left_;
    header_byte(bytes.front());
  }
  if (state_ != State::kPrelude && state_ != State::kStopped && headers_left_ == 0) begin_payload(sink);
  return 1;
}

void EventStreamReader::end_prelude() {
  const std::uint32_t total = number_at(prelude_);
  headers_left_ = number_at(prelude_ + 4);
  if (total > kMaxMessage || headers_left_ > kMaxHeaders ||
      total < kPreludeSize + kTrailerSize + headers_left_) {
    state_ = State::kStopped;
    return;
  }
  payload_left_ = total - headers_left_ - static_cast<std::uint32_t>(kPreludeSize + kTrailerSize);
  event_type_.clear();
  exception_type_.clear();
  error_message_.clear();
  state_ = State::kNameSize;
}

void EventStreamReader::header_byte(char byte) {
  const auto number = static_cast<std::uint8_t>(byte);
  switch (state_) {
    case State::kNameSize:
      name_.clear();
      wanted_ = number;
      state_ = wanted_ == 0 ? State::kValueType : State::kName;
      break;
    case State::kName:
      name_.append({&byte, 1});
      if (--wanted_ == 0) state_ = State::kValueType;
      break;
    case State::kValueType:
      begin_value(number);
      break;
    case State::kValueSizeHigh:
      wanted_ = std::uint32_t{number} << 8;
      state_ = State::kValueSizeLow;
      break;
    case State::kValueSizeLow:
      wanted_ |= number;
      state_ = wanted_ == 0 ? State::kNameSize : State::kValue;
      break;
    case State::kValue:
      value_byte(byte);
      if (--wanted_ == 0) state_ = State::kNameSize;
      break;
    default:
      break;
  }
}

// A type that is not known has a value of unknown size: the rest of the headers cannot be read.
void EventStreamReader::begin_value(std::uint8_t type) {
  if (type >= sizeof kValueSizes) {
    state_ = State::kSkipHeaders;
    return;
  }
  wanted_ = kValueSizes[type];
  if (type == kStringType || type == kBytesType) {
    state_ = State::kValueSizeHigh;
  } else {
    name_.clear();  // of what is no text nothing is wanted
    state_ = wanted_ == 0 ? State::kNameSize : State::kValue;
  }
}

void EventStreamReader::value_byte(char byte) {
  const std::string_view name = name_.view();
  if (name == ":event-type") event_type_.append({&byte, 1});
  if (name == ":exception-type" || name == ":error-code") exception_type_.append({&byte, 1});
  if (name == ":error-message") error_message_.append({&byte, 1});
}

void EventStreamReader::begin_payload(EventStreamSink* sink) {
  sink->on_event_head({event_type_.view(), exception_type_.view(), error_message_.view()});
  sink->on_document_begin();
  state_ = State::kPayload;
  if (payload_left_ != 0) return;
  sink->on_document_end();
  state_ = State::kTrailer;
  wanted_ = kTrailerSize;
}

}  // namespace llmo::genai
