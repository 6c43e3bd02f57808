#include "shim/journal/span_draft.h"

#include <algorithm>
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

}  // namespace

void SpanDraft::set_name(std::string_view name) {
  const std::string_view kept = cut(name, kMaxNameSize);
  std::copy(kept.begin(), kept.end(), name_);
  name_size_ = static_cast<std::uint16_t>(kept.size());
}

void SpanDraft::set_status(SpanStatus status, std::string_view message) {
  const std::string_view kept = cut(message, kMaxStatusMessageSize);
  std::copy(kept.begin(), kept.end(), status_message_);
  status_message_size_ = static_cast<std::uint16_t>(kept.size());
  status_ = status;
}

void SpanDraft::append(AttributeType type, std::string_view key, const void* value, std::size_t value_size) {
  const std::size_t needed = sizeof(AttributeHeader) + key.size() + value_size;
  if (key.size() > kMaxNameSize || needed > sizeof attributes_ - attributes_size_) {
    ++dropped_;
    return;
  }
  const AttributeHeader header{type, 0, static_cast<std::uint16_t>(key.size()),
                               static_cast<std::uint32_t>(value_size)};
  std::byte* out = attributes_ + attributes_size_;
  std::memcpy(out, &header, sizeof header);
  std::memcpy(out + sizeof header, key.data(), key.size());
  if (value_size != 0) std::memcpy(out + sizeof header + key.size(), value, value_size);
  attributes_size_ += static_cast<std::uint32_t>(needed);
}

void SpanDraft::add(std::string_view key, std::string_view value) {
  const std::string_view kept = cut(value, kMaxValueSize);
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

// The list is cut after the last string that fits into one value.
void SpanDraft::add_strings(std::string_view key, std::span<const std::string_view> values) {
  std::byte list[kMaxValueSize];
  std::size_t size = 0;
  for (const std::string_view value : values) {
    if (value.size() + sizeof(std::uint32_t) > sizeof list - size) break;
    const auto value_size = static_cast<std::uint32_t>(value.size());
    std::memcpy(list + size, &value_size, sizeof value_size);
    std::memcpy(list + size + sizeof value_size, value.data(), value.size());
    size += sizeof value_size + value.size();
  }
  append(AttributeType::kStrings, key, list, size);
}

std::size_t SpanDraft::record_size() const {
  return aligned_record_size(sizeof(SpanRecord) + name_size_ + status_message_size_ + attributes_size_);
}

std::size_t SpanDraft::write_to(SpanRecord* record, std::size_t capacity) const {
  auto* const text = reinterpret_cast<std::byte*>(record + 1);
  std::size_t room = capacity - sizeof(SpanRecord);

  const std::size_t name_size = std::min<std::size_t>(name_size_, room);
  std::memcpy(text, name_, name_size);
  room -= name_size;
  const std::size_t message_size = status_message_size_ <= room ? status_message_size_ : 0;
  std::memcpy(text + name_size, status_message_, message_size);
  room -= message_size;

  std::size_t kept = 0;
  while (kept < attributes_size_) {
    AttributeHeader header;
    std::memcpy(&header, attributes_ + kept, sizeof header);
    const std::size_t size = sizeof header + header.key_size + header.value_size;
    if (kept + size > room) break;
    kept += size;
  }
  std::memcpy(text + name_size + message_size, attributes_, kept);

  record->attributes_size = static_cast<std::uint32_t>(kept);
  record->kind = kind_;
  record->status = status_;
  record->reserved = 0;
  record->name_size = static_cast<std::uint16_t>(name_size);
  record->status_message_size = static_cast<std::uint16_t>(message_size);
  return aligned_record_size(sizeof(SpanRecord) + name_size + message_size + kept);
}

}  // namespace llmo::journal
