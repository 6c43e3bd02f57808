// A span in the making: the bytes of a SpanRecord, built in memory of fixed size before they go to the
// journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "shim/journal/format.h"

namespace llmo::journal {

// Longest name, status message and single string value that is kept; longer ones are cut at a UTF-8
// character.
inline constexpr std::size_t kMaxNameSize = 256;
inline constexpr std::size_t kMaxStatusMessageSize = 1024;
inline constexpr std::size_t kMaxValueSize = 4096;

// Never fails and never allocates. An attribute that does not fit any more is dropped and counted in
// dropped(). A key that is set twice keeps both; the reader takes the last. Keys are OpenTelemetry attribute
// names.
class SpanDraft {
 public:
  void set_name(std::string_view name);
  void set_kind(SpanKind kind) { kind_ = kind; }
  void set_status(SpanStatus status, std::string_view message = {});

  void add(std::string_view key, std::string_view value);
  void add_int(std::string_view key, std::int64_t value);
  void add_double(std::string_view key, double value);
  void add_bool(std::string_view key, bool value);
  void add_strings(std::string_view key, std::span<const std::string_view> values);

  std::size_t dropped() const { return dropped_; }
  SpanKind kind() const { return kind_; }
  SpanStatus status() const { return status_; }

  // Bytes that write_to() needs, a multiple of kRecordAlignment, at most `kMaxSize`.
  std::size_t record_size() const;

  // Writes everything of a SpanRecord but its ids, times and word to `record`, which has `capacity` bytes
  // (at least sizeof(SpanRecord)). What does not fit is left out whole, attribute by attribute. Returns the
  // length to put into the word.
  std::size_t write_to(SpanRecord* record, std::size_t capacity) const;

  static constexpr std::size_t kMaxSize = 16 * 1024;

 private:
  void append(AttributeType type, std::string_view key, const void* value, std::size_t value_size);

  SpanKind kind_ = SpanKind::kInternal;
  SpanStatus status_ = SpanStatus::kUnset;
  std::uint16_t name_size_ = 0;
  std::uint16_t status_message_size_ = 0;
  std::uint32_t attributes_size_ = 0;
  std::uint32_t dropped_ = 0;
  char name_[kMaxNameSize];
  char status_message_[kMaxStatusMessageSize];
  std::byte
      attributes_[kMaxSize - sizeof(SpanRecord) - kMaxNameSize - kMaxStatusMessageSize - kRecordAlignment];
};

}  // namespace llmo::journal
