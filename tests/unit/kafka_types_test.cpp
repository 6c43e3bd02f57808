// What shim/messaging/kafka_types.h says of librdkafka, held against librdkafka's own header.
#include "shim/messaging/kafka_types.h"

#include <librdkafka/rdkafka.h>

#include <catch2/catch.hpp>

namespace llmo::messaging::kafka {
namespace {

static_assert(RD_KAFKA_RESP_ERR_NO_ERROR == kNoError);
static_assert(RD_KAFKA_RESP_ERR__FAIL == kFailed);
static_assert(RD_KAFKA_RESP_ERR__FATAL == kFatal);
static_assert(RD_KAFKA_PARTITION_UA == kAnyPartition);
static_assert(RD_KAFKA_MSG_F_PARTITION == kPartitionPerMessage);
static_assert(RD_KAFKA_EVENT_FETCH == kFetchEvent);
static_assert(RD_KAFKA_CONSUMER == kConsumerType);
static_assert(sizeof(rd_kafka_resp_err_t) == sizeof(ErrorCode));

static_assert(sizeof(rd_kafka_message_t) == sizeof(Message));
static_assert(offsetof(rd_kafka_message_t, err) == offsetof(Message, err));
static_assert(offsetof(rd_kafka_message_t, rkt) == offsetof(Message, rkt));
static_assert(offsetof(rd_kafka_message_t, partition) == offsetof(Message, partition));
static_assert(offsetof(rd_kafka_message_t, payload) == offsetof(Message, payload));
static_assert(offsetof(rd_kafka_message_t, len) == offsetof(Message, len));
static_assert(offsetof(rd_kafka_message_t, key) == offsetof(Message, key));
static_assert(offsetof(rd_kafka_message_t, key_len) == offsetof(Message, key_len));
static_assert(offsetof(rd_kafka_message_t, offset) == offsetof(Message, offset));
static_assert(offsetof(rd_kafka_message_t, _private) == offsetof(Message, private_data));

static_assert(RD_KAFKA_VTYPE_END == static_cast<int>(ArgumentType::kEnd));
static_assert(RD_KAFKA_VTYPE_TOPIC == static_cast<int>(ArgumentType::kTopicName));
static_assert(RD_KAFKA_VTYPE_RKT == static_cast<int>(ArgumentType::kTopic));
static_assert(RD_KAFKA_VTYPE_PARTITION == static_cast<int>(ArgumentType::kPartition));
static_assert(RD_KAFKA_VTYPE_VALUE == static_cast<int>(ArgumentType::kValue));
static_assert(RD_KAFKA_VTYPE_KEY == static_cast<int>(ArgumentType::kKey));
static_assert(RD_KAFKA_VTYPE_OPAQUE == static_cast<int>(ArgumentType::kOpaque));
static_assert(RD_KAFKA_VTYPE_MSGFLAGS == static_cast<int>(ArgumentType::kFlags));
static_assert(RD_KAFKA_VTYPE_TIMESTAMP == static_cast<int>(ArgumentType::kTimestamp));
static_assert(RD_KAFKA_VTYPE_HEADER == static_cast<int>(ArgumentType::kHeader));
static_assert(RD_KAFKA_VTYPE_HEADERS == static_cast<int>(ArgumentType::kHeaders));

static_assert(sizeof(rd_kafka_vu_t) == sizeof(Argument));
static_assert(offsetof(rd_kafka_vu_t, u.cstr) == offsetof(Argument, text));
static_assert(offsetof(rd_kafka_vu_t, u.rkt) == offsetof(Argument, topic));
static_assert(offsetof(rd_kafka_vu_t, u.i) == offsetof(Argument, number));
static_assert(offsetof(rd_kafka_vu_t, u.i32) == offsetof(Argument, partition));
static_assert(offsetof(rd_kafka_vu_t, u.i64) == offsetof(Argument, timestamp));
static_assert(offsetof(rd_kafka_vu_t, u.mem.ptr) == offsetof(Argument, memory.data));
static_assert(offsetof(rd_kafka_vu_t, u.mem.size) == offsetof(Argument, memory.size));
static_assert(offsetof(rd_kafka_vu_t, u.header.name) == offsetof(Argument, header.name));
static_assert(offsetof(rd_kafka_vu_t, u.header.val) == offsetof(Argument, header.value));
static_assert(offsetof(rd_kafka_vu_t, u.header.size) == offsetof(Argument, header.size));
static_assert(offsetof(rd_kafka_vu_t, u.headers) == offsetof(Argument, headers));
static_assert(offsetof(rd_kafka_vu_t, u.ptr) == offsetof(Argument, pointer));

TEST_CASE("librdkafka's variable arguments are the types that its macros give them", "[messaging][kafka]") {
  STATIC_REQUIRE(sizeof(RD_KAFKA_PARTITION_UA) == sizeof(Argument::partition));
  STATIC_REQUIRE(sizeof(rd_kafka_vtype_t) == sizeof(ArgumentType));
}

}  // namespace
}  // namespace llmo::messaging::kafka
