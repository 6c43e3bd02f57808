// What librdkafka's public interface (rdkafka.h, 1.6 and newer) says of the few types that are used here.
//
// Declared once more so that the library builds, and runs, without librdkafka. Layouts and numbers are part
// of its stable ABI; tests/unit/kafka_types_test.cpp holds them against its own header.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace llmo::messaging::kafka {

struct Client;         // rd_kafka_t
struct Topic;          // rd_kafka_topic_t
struct TopicSettings;  // rd_kafka_topic_conf_t
struct Settings;       // rd_kafka_conf_t
struct Queue;          // rd_kafka_queue_t
struct Event;          // rd_kafka_event_t
struct Headers;        // rd_kafka_headers_t
struct Error;          // rd_kafka_error_t

// rd_kafka_resp_err_t, an enumeration of the size of int. Those that are spoken of by name.
using ErrorCode = int;
inline constexpr ErrorCode kNoError = 0;
inline constexpr ErrorCode kFailed = -196;  // RD_KAFKA_RESP_ERR__FAIL
inline constexpr ErrorCode kFatal = -150;   // RD_KAFKA_RESP_ERR__FATAL

inline constexpr std::int32_t kAnyPartition = -1;  // RD_KAFKA_PARTITION_UA
inline constexpr int kPartitionPerMessage = 0x8;   // RD_KAFKA_MSG_F_PARTITION
inline constexpr int kFetchEvent = 0x2;            // RD_KAFKA_EVENT_FETCH
inline constexpr int kConsumerType = 1;            // RD_KAFKA_CONSUMER

// rd_kafka_message_t
struct Message {
  ErrorCode err;
  Topic* rkt;
  std::int32_t partition;
  void* payload;
  std::size_t len;
  void* key;
  std::size_t key_len;
  std::int64_t offset;
  void* private_data;
};

// rd_kafka_vtype_t: what an argument of a message is, END where there are no more.
enum class ArgumentType : int {
  kEnd,
  kTopicName,
  kTopic,
  kPartition,
  kValue,
  kKey,
  kOpaque,
  kFlags,
  kTimestamp,
  kHeader,
  kHeaders,
};

// rd_kafka_vu_t: an argument with its type.
struct Argument {
  ArgumentType type;
  union {
    const char* text;
    Topic* topic;
    int number;
    std::int32_t partition;
    std::int64_t timestamp;
    struct {
      void* data;
      std::size_t size;
    } memory;
    struct {
      const char* name;
      const void* value;
      ssize_t size;
    } header;
    Headers* headers;
    void* pointer;
    char room[64];
  };
};

}  // namespace llmo::messaging::kafka
