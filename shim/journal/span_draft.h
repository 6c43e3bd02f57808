// A span in the making: the bytes of a SpanRecord before they go to the journal.
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
inline constexpr std::size_t kMaxLongValueSize = 8192;

// Takes memory as it needs it: a span with a few attributes has a kilobyte or two, an empty one none. Where
// there is none to be had, or an attribute does not fit any more, the attribute is dropped and counted in
// dropped(); a name or message stays as it was. A key that is set twice keeps both; the reader takes the
// last. Keys are OpenTelemetry attribute names. Signals: not safe, it allocates.
class SpanDraft {
 public:
  void set_name(std::string_view name);
  void set_kind(SpanKind kind) { kind_ = kind; }
  void set_status(SpanStatus status, std::string_view message = {});

  void add(std::string_view key, std::string_view value);
  // As add(), for the few values that may be long: up to kMaxLongValueSize bytes.
  void add_long(std::string_view key, std::string_view value);
  void add_int(std::string_view key, std::int64_t value);
  void add_double(std::string_view key, double value);
  void add_bool(std::string_view key, bool value);
  void add_strings(std::string_view key, std::span<const std::string_view> values);
  // Return addresses of calls, the innermost first.
  void add_stack(std::string_view key, std::span<const CodeAddress> addresses);
  // Something that happened at an instant, with attributes of its own, of which `event` has nothing else.
  void add_event(std::string_view name, std::uint64_t ticks, const SpanDraft& event);
  // A link to another span; its tracestate_size is that of `tracestate`. Of `attributes` nothing else counts.
  void add_link(std::string_view key, const Link& link, std::string_view tracestate,
                const SpanDraft& attributes);
  // Whole attributes in the form that format.h gives them.
  void add_encoded(std::span<const std::byte> attributes);
  // Takes over the name and adds the attributes of `other`.
  void add_all(const SpanDraft& other);

  std::size_t dropped() const { return dropped_; }
  SpanKind kind() const { return kind_; }
  SpanStatus status() const { return status_; }
  // As they go into a record.
  std::span<const std::byte> attributes() const { return {attributes_.data(), attributes_.size()}; }

  // Bytes that write_to() needs, a multiple of kRecordAlignment, at most `kMaxSize`.
  std::size_t record_size() const;

  // Writes everything of a SpanRecord but its ids, times and word to `record`, which has `capacity` bytes
  // (at least sizeof(SpanRecord)). An attribute that does not fit is left out whole. Returns the length to
  // put into the word.
  std::size_t write_to(SpanRecord* record, std::size_t capacity) const;

  static constexpr std::size_t kMaxSize = 31 * 1024;
  static_assert(kMaxSize <= kMaxRecordSize);

 private:
  // A run of bytes that grows.
  class Bytes {
   public:
    Bytes() = default;
    ~Bytes();
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    const std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }
    // Adds `count` bytes, not yet filled, and returns where they begin; nullptr where there is no memory.
    std::byte* extend(std::size_t count);
    // False where there is no memory; then nothing has changed.
    bool assign(std::string_view text);

   private:
    bool reserve(std::size_t capacity);

    std::byte* data_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
  };

  static constexpr std::size_t kMaxAttributesSize =
      kMaxSize - sizeof(SpanRecord) - kMaxNameSize - kMaxStatusMessageSize - kRecordAlignment;

  std::byte* begin_attribute(AttributeType type, std::string_view key, std::size_t value_size);
  void append(AttributeType type, std::string_view key, const void* value, std::size_t value_size);

  SpanKind kind_ = SpanKind::kInternal;
  SpanStatus status_ = SpanStatus::kUnset;
  std::uint32_t dropped_ = 0;
  Bytes name_;
  Bytes status_message_;
  Bytes attributes_;
};

}  // namespace llmo::journal
