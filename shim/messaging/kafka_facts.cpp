#include "shim/messaging/kafka_facts.h"

#include <charconv>

#include "shim/platform/fixed_text.h"

namespace llmo::messaging::kafka {

namespace {

using journal::SpanDraft;

// An operation, a blank and a topic: Kafka's names have at most 249 bytes.
using SpanName = platform::FixedText<8 + 249>;

// How many bytes a UTF-8 character has that begins with `first`; 0: none does (RFC 3629).
std::size_t character_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

// What the first byte does not tell: overlong forms, surrogates, and what lies beyond Unicode.
bool second_byte_fits(unsigned char first, unsigned char second) {
  if (first == 0xe0) return second >= 0xa0;
  if (first == 0xed) return second < 0xa0;
  if (first == 0xf0) return second >= 0x90;
  return first != 0xf4 || second < 0x90;
}

// The size of the character that `text` begins with; 0 where it is none.
std::size_t leading_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::size_t size = character_size(byte(0));
  if (size == 0 || size > text.size()) return 0;
  if (size == 1) return byte(0) < 0x20 || byte(0) == 0x7f ? 0 : 1;
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  return second_byte_fits(byte(0), byte(1)) ? size : 0;
}

void begin(std::string_view operation, std::string_view type, std::string_view topic, SpanDraft* span) {
  SpanName name;
  name.append(operation);
  if (!topic.empty()) {
    name.append(" ");
    name.append(topic);
  }
  span->set_name(name.view());
  span->add("messaging.system", "kafka");
  span->add("messaging.operation.name", operation);
  span->add("messaging.operation.type", type);
  if (!topic.empty()) span->add("messaging.destination.name", topic);
}

// A text, as the conventions have it.
void add_partition(std::int32_t partition, SpanDraft* span) {
  char digits[12];
  const auto written = std::to_chars(std::begin(digits), std::end(digits), partition);
  span->add("messaging.destination.partition.id", {digits, static_cast<std::size_t>(written.ptr - digits)});
}

void add_body(const void* value, std::size_t size, std::optional<std::string_view> key, SpanDraft* span) {
  if (value == nullptr) {
    span->add_bool("messaging.kafka.message.tombstone", true);
  } else {
    span->add_int("messaging.message.body.size", static_cast<std::int64_t>(size));
  }
  if (key && is_plain_text(*key)) span->add("messaging.kafka.message.key", *key);
}

std::optional<std::string_view> key_of(const Message& message) {
  if (message.key == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(message.key), message.key_len);
}

}  // namespace

bool is_plain_text(std::string_view key) {
  if (key.empty() || key.size() > kMaxKeySize) return false;
  while (!key.empty()) {
    const std::size_t size = leading_character(key);
    if (size == 0) return false;
    key.remove_prefix(size);
  }
  return true;
}

void describe_sent(const OutgoingMessage& message, SpanDraft* span) {
  begin("send", "send", message.topic, span);
  if (message.partition && *message.partition != kAnyPartition) add_partition(*message.partition, span);
  add_body(message.value, message.value_size, message.key, span);
}

void describe_sent_batch(std::string_view topic, std::int32_t partition, std::int64_t count,
                         SpanDraft* span) {
  begin("send", "send", topic, span);
  if (partition != kAnyPartition) add_partition(partition, span);
  span->add_int("messaging.batch.message_count", count);
}

void describe_received(Receipt receipt, const Message& message, std::string_view topic,
                       std::string_view group, SpanDraft* span) {
  if (receipt == Receipt::kPoll) {
    begin("poll", "receive", topic, span);
  } else {
    begin("process", "process", topic, span);
  }
  add_partition(message.partition, span);
  span->add_int("messaging.kafka.offset", message.offset);
  if (!group.empty()) span->add("messaging.consumer.group.name", group);
  add_body(message.payload, message.len, key_of(message), span);
}

void describe_received_batch(std::string_view topic, std::int64_t count, SpanDraft* span) {
  begin("poll", "receive", topic, span);
  span->add_int("messaging.batch.message_count", count);
}

void describe_link(const Message& message, SpanDraft* link) {
  add_partition(message.partition, link);
  link->add_int("messaging.kafka.offset", message.offset);
}

}  // namespace llmo::messaging::kafka
