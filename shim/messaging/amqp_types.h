// The types of librabbitmq that its functions are called with, as its public header lays them out
// (librabbitmq.so.4: rabbitmq-c 0.6 and later). Declared here so that nobody needs that header to build this
// library; a unit test holds them against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace llmo::messaging::amqp {

struct Connection;  // amqp_connection_state_t_: the library's own
struct Socket;      // amqp_socket_t_

using Channel = std::uint16_t;
using Boolean = int;

struct Bytes {
  std::size_t size;
  const void* bytes;
};

// Empty where there are none, whatever the size says.
inline std::string_view text_of(const Bytes& bytes) {
  if (bytes.bytes == nullptr) return {};
  return {static_cast<const char*>(bytes.bytes), bytes.size};
}

inline Bytes bytes_of(std::string_view text) { return {text.size(), text.data()}; }

// As on the wire: a type per letter (AMQP 0-9-1 with RabbitMQ's errata).
enum class FieldKind : std::uint8_t {
  kBoolean = 't',
  kInt8 = 'b',
  kUint8 = 'B',
  kInt16 = 's',
  kUint16 = 'u',
  kInt32 = 'I',
  kUint32 = 'i',
  kInt64 = 'l',
  kUint64 = 'L',
  kFloat = 'f',
  kDouble = 'd',
  kDecimal = 'D',
  kText = 'S',
  kArray = 'A',
  kTimestamp = 'T',
  kTable = 'F',
  kVoid = 'V',
  kBytes = 'x',
};

struct TableEntry;
struct FieldValue;

struct Table {
  int count;
  TableEntry* entries;
};

struct Array {
  int count;
  FieldValue* entries;
};

struct FieldValue {
  FieldKind kind;
  union {
    std::uint64_t number;
    Bytes bytes;
    Table table;
    Array array;
  } value;
};

struct TableEntry {
  Bytes key;
  FieldValue value;
};

// Which properties are there.
enum PropertyFlag : std::uint32_t {
  kContentType = 1U << 15,
  kContentEncoding = 1U << 14,
  kHeaders = 1U << 13,
  kDeliveryMode = 1U << 12,
  kPriority = 1U << 11,
  kCorrelationId = 1U << 10,
  kReplyTo = 1U << 9,
  kExpiration = 1U << 8,
  kMessageId = 1U << 7,
  kTimestamp = 1U << 6,
  kType = 1U << 5,
  kUserId = 1U << 4,
  kAppId = 1U << 3,
  kClusterId = 1U << 2,
};

struct Properties {
  std::uint32_t flags;
  Bytes content_type;
  Bytes content_encoding;
  Table headers;
  std::uint8_t delivery_mode;
  std::uint8_t priority;
  Bytes correlation_id;
  Bytes reply_to;
  Bytes expiration;
  Bytes message_id;
  std::uint64_t timestamp;
  Bytes type;
  Bytes user_id;
  Bytes app_id;
  Bytes cluster_id;

  bool has(PropertyFlag flag) const { return (flags & flag) != 0; }
};

struct PoolBlocks {
  int count;
  void** blocks;
};

struct Pool {
  std::size_t page_size;
  PoolBlocks pages;
  PoolBlocks large_blocks;
  int next_page;
  char* alloc_block;
  std::size_t alloc_used;
};

struct Message {
  Properties properties;
  Bytes body;
  Pool pool;
};

struct Envelope {
  Channel channel;
  Bytes consumer_tag;
  std::uint64_t delivery_tag;
  Boolean redelivered;
  Bytes exchange;
  Bytes routing_key;
  Message message;
};

struct Method {
  std::uint32_t id;
  void* decoded;
};

// Methods that come before a message.
inline constexpr std::uint32_t kBasicDeliver = 0x003c003c;
inline constexpr std::uint32_t kBasicGetOk = 0x003c0047;

struct BasicDeliver {
  Bytes consumer_tag;
  std::uint64_t delivery_tag;
  Boolean redelivered;
  Bytes exchange;
  Bytes routing_key;
};

struct BasicGetOk {
  std::uint64_t delivery_tag;
  Boolean redelivered;
  Bytes exchange;
  Bytes routing_key;
  std::uint32_t message_count;
};

struct BasicConsumeOk {
  Bytes consumer_tag;
};

enum class FrameType : std::uint8_t { kMethod = 1, kHeader = 2 };

inline constexpr std::uint16_t kBasicClass = 60;

struct ContentHeader {
  std::uint16_t class_id;
  std::uint64_t body_size;
  void* decoded;  // Properties, of kBasicClass
  Bytes raw;
};

struct Frame {
  FrameType type;
  Channel channel;
  union {
    Method method;
    ContentHeader header;
    Bytes body;
  } payload;
};

enum class ReplyType : int { kNone = 0, kNormal = 1, kLibraryException = 2, kServerException = 3 };

struct Reply {
  ReplyType type;
  Method method;
  int library_error;
};

// amqp_status_enum.
inline constexpr int kStatusOk = 0;
inline constexpr int kStatusUnsupported = -0x14;

}  // namespace llmo::messaging::amqp
