// Callbacks that do not return: one throws, through the library, one ends its thread.
// link: -lrdkafka
// variants: gcc-O2
#include <pthread.h>

#include <stdexcept>

#include "kafka.h"

constexpr const char* kTopic = "docs";
char told[] = "exited";

NOINLINE void throwing_agent(std::size_t size) { throw std::runtime_error(std::to_string(size) + " bytes"); }

PLAIN static void throw_out(rd_kafka_message_t* message, void*) {
  if (message->err == 0) throwing_agent(message->len);
}

PLAIN static void end_thread(rd_kafka_message_t* message, void* result) {
  if (message->err == 0) pthread_exit(result);
}

PLAIN static rd_kafka_topic_t* started(rd_kafka_t* consumer) {
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(consumer, kTopic, nullptr);
  rd_kafka_consume_start(topic, 0, 0);
  return topic;
}

// librdkafka leaves what it held: each has a consumer of its own, and none is taken down.
PLAIN static rd_kafka_topic_t* topic_of_new_consumer(rd_kafka_t* producer) {
  return started(client_of(RD_KAFKA_CONSUMER,
                           settings_of({{"bootstrap.servers", servers_of(producer)}, {"log_level", "0"}})));
}

PLAIN static void catch_outside(rd_kafka_topic_t* topic) {
  try {
    while (true) rd_kafka_consume_callback(topic, 0, 100, throw_out, nullptr);
  } catch (const std::runtime_error& error) {
    std::printf("caught: %s\n", error.what());
  }
}

PLAIN static void* consume(void* topic) {
  while (true) rd_kafka_consume_callback(static_cast<rd_kafka_topic_t*>(topic), 0, 100, end_thread, told);
}

int main() {
  rd_kafka_t* const producer = producer_with_cluster({{"linger.ms", "0"}, {"log_level", "0"}}, kTopic);
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_PARTITION(0),
                    RD_KAFKA_V_VALUE(const_cast<char*>("hello"), 5), RD_KAFKA_V_END);
  rd_kafka_flush(producer, 10'000);
  catch_outside(topic_of_new_consumer(producer));
  pthread_t thread;
  pthread_create(&thread, nullptr, consume, topic_of_new_consumer(producer));
  void* result = nullptr;
  pthread_join(thread, &result);
  std::printf("%s\n", static_cast<char*>(result));
  std::fflush(stdout);
  std::quick_exit(0);
}
