// Sends messages that librdkafka does not take, and prints all that a program can see of that: results, the
// last error, errno, and what is still the program's to free.
// link: -lrdkafka
#include "kafka.h"

constexpr const char* kTopic = "docs";

// rd_kafka_last_error() says so until the next call of its kind; then it is taken back.
PLAIN static void print(const char* what, int result, int error_number) {
  std::printf("%s: %d last %s errno %d\n", what, result, rd_kafka_err2name(rd_kafka_last_error()),
              error_number);
}

// The payload is the program's where the library has not taken it.
PLAIN static int produce(rd_kafka_topic_t* topic, std::int32_t partition, std::size_t size,
                         const char* what) {
  char* const payload = static_cast<char*>(std::malloc(size));
  std::memset(payload, 'x', size);
  errno = 77;
  const int result =
      rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_FREE, payload, size, nullptr, 0, nullptr);
  print(what, result, errno);
  if (result == -1) std::free(payload);
  return result;
}

// So is a list of headers.
PLAIN static void produce_headers(rd_kafka_t* producer, std::int32_t partition, const char* what) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(1);
  rd_kafka_header_add(headers, "own", -1, "1", 1);
  const int result =
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_PARTITION(partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(const_cast<char*>("x"), 1),
                        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  print(what, result, 0);
  if (result == 0) return;
  std::printf("%zu headers left\n", rd_kafka_header_cnt(headers));
  rd_kafka_headers_destroy(headers);
}

PLAIN static void produce_nonsense(rd_kafka_t* producer) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(1);
  print("both kinds of headers",
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_HEADER("own", "1", 1),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END),
        0);
  rd_kafka_headers_destroy(headers);
  print("no topic", rd_kafka_producev(producer, RD_KAFKA_V_VALUE(nullptr, 0), RD_KAFKA_V_END), 0);
  print("no such type", rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), 99, 0, RD_KAFKA_V_END), 0);
}

PLAIN static void produce_array(rd_kafka_t* producer, std::int32_t partition) {
  rd_kafka_vu_t list[2] = {};
  list[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  list[0].u.cstr = kTopic;
  list[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  list[1].u.i32 = partition;
  rd_kafka_error_t* const error = rd_kafka_produceva(producer, list, 2);
  std::printf("array: %s\n", error == nullptr ? "none" : rd_kafka_error_string(error));
  if (error != nullptr) rd_kafka_error_destroy(error);
}

PLAIN static void wait_for_partitions(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_metadata(producer, 0, topic, &metadata, 10'000);
  rd_kafka_metadata_destroy(metadata);
}

// A message that only just fits goes as it is: there is no room for a header of ours.
NOINLINE void refused_workflow(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  produce(topic, 0, 5, "taken");
  produce(topic, 7, 5, "no such partition");
  produce(topic, 0, 5, "taken after an error");
  produce(topic, 0, 2000, "too large");
  std::size_t size = 1000;
  while (produce(topic, 0, size, "size found") == 0) size += 10;
  produce_headers(producer, 0, "headers taken");
  produce_headers(producer, 7, "headers refused");
  produce_nonsense(producer);
  produce_array(producer, 0);
  produce_array(producer, 7);
}

NOINLINE void full_workflow(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  for (int i = 0; i < 3; ++i) produce(topic, 0, 5, "into a queue for two");
  produce_headers(producer, 0, "headers into a full one");
  rd_kafka_message_t messages[2] = {};
  print("batch into a full one", rd_kafka_produce_batch(topic, 0, RD_KAFKA_MSG_F_COPY, messages, 2), 0);
  std::printf("%s\n", rd_kafka_err2name(messages[1].err));
}

NOINLINE void fatal_workflow(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  rd_kafka_test_fatal_error(producer, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a test");
  produce(topic, 0, 5, "after a fatal error");
  produce_headers(producer, 0, "headers after it");
  produce_array(producer, 0);
}

int main() {
  rd_kafka_t* const first =
      producer_with_cluster({{"message.max.bytes", "1200"}, {"linger.ms", "1"}, {"log_level", "0"}}, kTopic);
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(first, kTopic, nullptr);
  wait_for_partitions(first, topic);
  refused_workflow(first, topic);

  rd_kafka_t* const second = client_of(RD_KAFKA_PRODUCER, settings_of({{"queue.buffering.max.messages", "2"},
                                                                       {"enable.idempotence", "true"},
                                                                       {"log_level", "0"}}));
  rd_kafka_topic_t* const nowhere = rd_kafka_topic_new(second, kTopic, nullptr);
  full_workflow(second, nowhere);
  fatal_workflow(second, nowhere);
  rd_kafka_purge(second, RD_KAFKA_PURGE_F_QUEUE);
  rd_kafka_poll(second, 0);
  rd_kafka_topic_destroy(nowhere);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(second);
  rd_kafka_destroy(first);
  return 0;
}
