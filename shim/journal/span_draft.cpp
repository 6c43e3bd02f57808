#include "shim/journal/span_draft.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace llmo::journal {

namespace {

// The longest prefix of at most `limit` bytes that does not end inside a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::byte* copy(std::byte* out, const void* bytes, std::size_t size) {
  if (size != 0) std::memcpy(out, bytes, size);
  return out + size;
}

}  // namespace

// --- memory ------------------------------------------------------------------------------------------------

// The library's own heap (heap_wrap.cpp).
SpanDraft::Bytes::~Bytes() { std::free(data_); }

bool SpanDraft::Bytes::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return true;
  void* const data = std::realloc(data_, capacity);
  if (data == nullptr) return false;
  data_ = static_cast<std::byte*>(data);
  capacity_ = static_cast<std::uint32_t>(capacity);
  return true;
}

// What a transfer's attributes come to fits into the second step.
std::byte* SpanDraft::Bytes::extend(std::size_t count) {
  constexpr std::size_t kFirstStep = 1024;
  const std::size_t size = size_ + count;
  if (size > capacity_ && !reserve(std::max({size, 2 * std::size_t{capacity_}, kFirstStep}))) return nullptr;
  std::byte* const added = data_ + size_;
  size_ = static_cast<std::uint32_t>(size);
  return added;
}

bool SpanDraft::Bytes::assign(std::string_view text) {
  if (!reserve(text.size())) return false;
  copy(data_, text.data(), text.size());
  size_ = static_cast<std::uint32_t>(text.size());
  return true;
}

// --- what is known -----------------------------------------------------------------------------------------

void SpanDraft::set_name(std::string_view name) { name_.assign(cut(name, kMaxNameSize)); }

void SpanDraft::set_status(SpanStatus status, std::string_view message) {
  status_message_.assign(cut(message, kMaxStatusMessageSize));
  status_ = status;
}

// Returns where the value goes; nullptr where the attribute is dropped.
std::byte* SpanDraft::begin_attribute(AttributeType type, std::string_view key, std::size_t value_size) {
  const std::size_t needed = sizeof(AttributeHeader) + key.size() + value_size;
  const bool fits = key.size() <= kMaxNameSize && needed <= kMaxAttributesSize - attributes_.size();
  std::byte* const out = fits ? attributes_.extend(needed) : nullptr;
  if (out == nullptr) {
    ++dropped_;
    return nullptr;
  }
  const AttributeHeader header{type, 0, static_cast<std::uint16_t>(key.size()),
                               static_cast<std::uint32_t>(value_size)};
  return copy(copy(out, &header, sizeof header), key.data(), key.size());
}

void SpanDraft::append(AttributeType type, std::string_view key, const void* value, std::size_t value_size) {
  std::byte* const out = begin_attribute(type, key, value_size);
  if (out != nullptr) copy(out, value, value_size);
}

void SpanDraft::add(std::string_view key, std::string_view value) {
  const std::string_view kept = cut(value, kMaxValueSize);
  append(AttributeType::kString, key, kept.data(), kept.size());
}

void SpanDraft::add_long(std::string_view key, std::string_view value) {
  const std::string_view kept = cut(value, kMaxLongValueSize);
  append(AttributeType::kString, key, kept.data(), kept.size());
}

void SpanDraft::add_int(std::string_view key, std::int64_t value) {
  append(AttributeType::kInt, key, &value, sizeof value);
}

void SpanDraft::add_double(std::string_view key, double value) {
  append(AttributeType::kDouble, key, &value, sizeof value);
}

void SpanDraft::add_bool(std::string_view key, bool value) {
  const std::uint8_t byte = value ? 1 : 0;
  append(AttributeType::kBool, key, &byte, sizeof byte);
}

void SpanDraft::add_stack(std::string_view key, std::span<const CodeAddress> addresses) {
  append(AttributeType::kStack, key, addresses.data(), addresses.size_bytes());
}

void SpanDraft::add_event(std::string_view name, std::uint64_t ticks, const SpanDraft& event) {
  std::byte* const out =
      begin_attribute(AttributeType::kEvent, name, sizeof ticks + event.attributes_.size());
  if (out == nullptr) return;
  copy(copy(out, &ticks, sizeof ticks), event.attributes_.data(), event.attributes_.size());
}

void SpanDraft::add_link(std::string_view key, const Link& link, std::string_view tracestate,
                         const SpanDraft& attributes) {
  std::byte* const out = begin_attribute(AttributeType::kLink, key,
                                         sizeof link + tracestate.size() + attributes.attributes_.size());
  if (out == nullptr) return;
  Link written = link;
  written.tracestate_size = static_cast<std::uint32_t>(tracestate.size());
  copy(copy(copy(out, &written, sizeof written), tracestate.data(), tracestate.size()),
       attributes.attributes_.data(), attributes.attributes_.size());
}

// The list is cut after the last string that fits into one value.
void SpanDraft::add_strings(std::string_view key, std::span<const std::string_view> values) {
  std::size_t size = 0;
  std::size_t count = 0;
  for (const std::string_view value : values) {
    if (value.size() + sizeof(std::uint32_t) > kMaxValueSize - size) break;
    size += sizeof(std::uint32_t) + value.size();
    ++count;
  }
  std::byte* out = begin_attribute(AttributeType::kStrings, key, size);
  if (out == nullptr) return;
  for (const std::string_view value : values.first(count)) {
    const auto value_size = static_cast<std::uint32_t>(value.size());
    out = copy(copy(out, &value_size, sizeof value_size), value.data(), value.size());
  }
}

void SpanDraft::add_encoded(std::span<const std::byte> attributes) {
  const bool fits = attributes.size() <= kMaxAttributesSize - attributes_.size();
  if (std::byte* const out = fits ? attributes_.extend(attributes.size()) : nullptr; out != nullptr) {
    copy(out, attributes.data(), attributes.size());
    return;
  }
  while (!attributes.empty()) {
    AttributeHeader header;
    std::memcpy(&header, attributes.data(), sizeof header);
    const char* const key = reinterpret_cast<const char*>(attributes.data()) + sizeof header;
    append(header.type, {key, header.key_size}, key + header.key_size, header.value_size);
    attributes = attributes.subspan(sizeof header + header.key_size + header.value_size);
  }
}

void SpanDraft::add_all(const SpanDraft& other) {
  name_.assign({reinterpret_cast<const char*>(other.name_.data()), other.name_.size()});
  add_encoded({other.attributes_.data(), other.attributes_.size()});
  dropped_ += other.dropped_;
}

// --- the record --------------------------------------------------------------------------------------------

namespace {

// Copies the attributes that fit into `room` and returns their size.
std::size_t copy_fitting(std::byte* out, std::size_t room, const std::byte* attributes, std::size_t size) {
  if (size <= room) {
    copy(out, attributes, size);
    return size;
  }
  std::size_t kept = 0;
  for (std::size_t at = 0; at < size;) {
    AttributeHeader header;
    std::memcpy(&header, attributes + at, sizeof header);
    const std::size_t length = sizeof header + header.key_size + header.value_size;
    if (length <= room - kept) {
      copy(out + kept, attributes + at, length);
      kept += length;
    }
    at += length;
  }
  return kept;
}

}  // namespace

std::size_t SpanDraft::record_size() const {
  return aligned_record_size(sizeof(SpanRecord) + name_.size() + status_message_.size() + attributes_.size());
}

std::size_t SpanDraft::write_to(SpanRecord* record, std::size_t capacity) const {
  std::byte* const text = reinterpret_cast<std::byte*>(record + 1);
  std::size_t room = capacity - sizeof(SpanRecord);
  const std::size_t name_size = std::min(name_.size(), room);
  room -= name_size;
  const std::size_t message_size = status_message_.size() <= room ? status_message_.size() : 0;
  room -= message_size;
  std::byte* const attributes =
      copy(copy(text, name_.data(), name_size), status_message_.data(), message_size);
  const std::size_t kept = copy_fitting(attributes, room, attributes_.data(), attributes_.size());

  record->attributes_size = static_cast<std::uint32_t>(kept);
  record->kind = kind_;
  record->status = status_;
  record->reserved = 0;
  record->name_size = static_cast<std::uint16_t>(name_size);
  record->status_message_size = static_cast<std::uint16_t>(message_size);
  return aligned_record_size(sizeof(SpanRecord) + name_size + message_size + kept);
}

}  // namespace llmo::journal
