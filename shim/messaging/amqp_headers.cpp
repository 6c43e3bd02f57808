#include "shim/messaging/amqp_headers.h"

#include <algorithm>
#include <new>
#include <span>

namespace llmo::messaging::amqp {
namespace {

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::string_view kTracestate = "tracestate";
constexpr int kMaxDepth = 16;  // of tables in tables

template <typename List>
auto entries_of(const List& list) {
  const bool has_any = list.entries != nullptr && list.count > 0;
  return std::span(list.entries, has_any ? static_cast<std::size_t>(list.count) : 0);
}

std::span<const TableEntry> headers_of(const Properties& properties) {
  if (!properties.has(kHeaders)) return {};
  return entries_of(properties.headers);
}

const FieldValue* find(const Properties& properties, std::string_view name) {
  const auto headers = headers_of(properties);
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const TableEntry& entry) { return text_of(entry.key) == name; });
  return found == headers.end() ? nullptr : &found->value;
}

std::string_view text_in(const Properties& properties, std::string_view name) {
  const FieldValue* const value = find(properties, name);
  const bool is_text =
      value != nullptr && (value->kind == FieldKind::kText || value->kind == FieldKind::kBytes);
  return is_text ? text_of(value->value.bytes) : std::string_view();
}

// --- sizes on the wire

// What is left of the room; asking for more than that ends it.
class Room {
 public:
  void take(std::size_t size) {
    has_ended_ = has_ended_ || size > left_;
    left_ -= has_ended_ ? 0 : size;
  }
  void end() { has_ended_ = true; }
  bool has_ended() const { return has_ended_; }
  std::size_t taken() const { return kMaxPropertiesSize - left_; }

 private:
  std::size_t left_ = kMaxPropertiesSize;
  bool has_ended_ = false;
};

// The size of a value that always has the same; nothing for those that have not, and for what is no kind.
std::optional<std::size_t> fixed_size(FieldKind kind) {
  switch (kind) {
    case FieldKind::kVoid:
      return 0;
    case FieldKind::kBoolean:
    case FieldKind::kInt8:
    case FieldKind::kUint8:
      return 1;
    case FieldKind::kInt16:
    case FieldKind::kUint16:
      return 2;
    case FieldKind::kInt32:
    case FieldKind::kUint32:
    case FieldKind::kFloat:
      return 4;
    case FieldKind::kDecimal:
      return 5;
    case FieldKind::kInt64:
    case FieldKind::kUint64:
    case FieldKind::kDouble:
    case FieldKind::kTimestamp:
      return 8;
    default:
      return std::nullopt;
  }
}

constexpr std::size_t kLengthSize = 4;  // in front of long strings, tables and arrays

void take_table(const Table& table, Room& room, int depth);

void take_short_text(const Bytes& text, Room& room) {
  if (text.size > 255) return room.end();
  room.take(1 + text.size);
}

void take_value(const FieldValue& value, Room& room, int depth) {
  if (depth <= 0) return room.end();
  room.take(1);
  if (const auto size = fixed_size(value.kind)) return room.take(*size);
  switch (value.kind) {
    case FieldKind::kText:
    case FieldKind::kBytes:
      room.take(kLengthSize);
      return room.take(value.value.bytes.size);
    case FieldKind::kTable:
      return take_table(value.value.table, room, depth - 1);
    case FieldKind::kArray:
      room.take(kLengthSize);
      for (const FieldValue& entry : entries_of(value.value.array)) {
        if (room.has_ended()) return;
        take_value(entry, room, depth - 1);
      }
      return;
    default:
      return room.end();
  }
}

void take_table(const Table& table, Room& room, int depth) {
  room.take(kLengthSize);
  for (const TableEntry& entry : entries_of(table)) {
    if (room.has_ended()) return;
    take_short_text(entry.key, room);
    take_value(entry.value, room, depth);
  }
}

struct TextProperty {
  PropertyFlag flag;
  Bytes Properties::*text;
};

constexpr TextProperty kTexts[] = {{kContentType, &Properties::content_type},
                                   {kContentEncoding, &Properties::content_encoding},
                                   {kCorrelationId, &Properties::correlation_id},
                                   {kReplyTo, &Properties::reply_to},
                                   {kExpiration, &Properties::expiration},
                                   {kMessageId, &Properties::message_id},
                                   {kType, &Properties::type},
                                   {kUserId, &Properties::user_id},
                                   {kAppId, &Properties::app_id},
                                   {kClusterId, &Properties::cluster_id}};

constexpr std::uint32_t kAllFlags = 0xfffc;

std::size_t header_size(std::string_view name, std::string_view value) {
  return 1 + name.size() + 1 + kLengthSize + value.size();
}

TableEntry header(std::string_view name, std::string_view value) {
  TableEntry entry{bytes_of(name), {FieldKind::kText, {}}};
  entry.value.value.bytes = bytes_of(value);
  return entry;
}

}  // namespace

CarriedContext carried_by(const Properties& properties) {
  return {text_in(properties, kTraceparent), text_in(properties, kTracestate)};
}

bool has_header(const Properties& properties, std::string_view name) {
  return find(properties, name) != nullptr;
}

std::optional<std::size_t> encoded_size(const Properties& properties) {
  if ((properties.flags & ~kAllFlags) != 0) return std::nullopt;
  Room room;
  room.take(2);  // the flags
  for (const TextProperty& property : kTexts) {
    if (properties.has(property.flag)) take_short_text(properties.*property.text, room);
  }
  if (properties.has(kDeliveryMode)) room.take(1);
  if (properties.has(kPriority)) room.take(1);
  if (properties.has(kTimestamp)) room.take(8);
  if (properties.has(kHeaders)) take_table(properties.headers, room, kMaxDepth);
  if (room.has_ended()) return std::nullopt;
  return room.taken();
}

TaggedProperties::TaggedProperties(const Properties* original, std::string_view traceparent,
                                   std::string_view tracestate)
    : original_(original) {
  if (original != nullptr) copy_ = *original;
  if (!copy_.has(kHeaders)) copy_.headers = {};
  if (!has_header(copy_, kTraceparent)) tag(traceparent, tracestate);
}

TableEntry* TaggedProperties::room_for(std::size_t entries) {
  if (entries <= few_.size()) return few_.data();
  many_.reset(new (std::nothrow) TableEntry[entries]);
  return many_.get();
}

void TaggedProperties::tag(std::string_view traceparent, std::string_view tracestate) {
  const auto size = encoded_size(copy_);
  // The table itself, where the message has none yet.
  const std::size_t needed = kLengthSize + header_size(kTraceparent, traceparent);
  if (!size || *size + needed > kMaxPropertiesSize) return;
  const auto own = headers_of(copy_);
  TableEntry* const entries = room_for(own.size() + 2);
  if (entries == nullptr) return;

  TableEntry* end = std::copy(own.begin(), own.end(), entries);
  *end++ = header(kTraceparent, traceparent);
  const bool fits = *size + needed + header_size(kTracestate, tracestate) <= kMaxPropertiesSize;
  if (!tracestate.empty() && fits && !has_header(copy_, kTracestate))
    *end++ = header(kTracestate, tracestate);
  copy_.headers = {static_cast<int>(end - entries), entries};
  copy_.flags |= kHeaders;
  is_tagged_ = true;
}

}  // namespace llmo::messaging::amqp
