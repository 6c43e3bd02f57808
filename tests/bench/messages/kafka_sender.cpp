// The program that is measured: sends or gets messages, in batches, and says how long one took in the median
// batch, in nanoseconds. The cluster is librdkafka's own mock, in this process.
//
//   kafka_sender queue | list | deliver | receive | idle
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/batches.h"

namespace {

using Settings = std::initializer_list<std::pair<const char*, const char*>>;

constexpr const char* kTopic = "docs";
constexpr int kBatches = 60;
constexpr int kPerBatch = 500;

char payload[1024];

PLAIN rd_kafka_t* make_client(rd_kafka_type_t type, const Settings& settings) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf, name, value, nullptr, 0);
  return rd_kafka_new(type, conf, nullptr, 0);
}

PLAIN rd_kafka_t* make_cluster() {
  rd_kafka_t* const producer =
      make_client(RD_KAFKA_PRODUCER, {{"test.mock.num.brokers", "1"}, {"linger.ms", "0"}});
  rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(producer), kTopic, 1, 1);
  return producer;
}

// A call of the program's, which the spans are below.
template <typename Work, typename Between>
__attribute__((noinline)) void sending_workflow(const Work& work, const Between& between) {
  llmo::bench::measure(work, kBatches, kPerBatch, between);
}

PLAIN void produce(rd_kafka_topic_t* topic, std::size_t size) {
  rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, payload, size, nullptr, 0, nullptr);
}

PLAIN void produce_list(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(2);
  rd_kafka_header_add(headers, "kind", -1, "page", 4);
  rd_kafka_producev(producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(0),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(payload, 100),
                    RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
}

// Nobody is there to take what is queued.
PLAIN void queue(bool with_list) {
  rd_kafka_t* const producer = make_client(RD_KAFKA_PRODUCER, {});
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer, kTopic, nullptr);
  const auto empty = [&] {
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_poll(producer, 0);
  };
  if (with_list) {
    sending_workflow([&] { produce_list(producer, topic); }, empty);
  } else {
    sending_workflow([&] { produce(topic, 100); }, empty);
  }
  empty();
}

PLAIN void deliver() {
  rd_kafka_t* const producer = make_cluster();
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer, kTopic, nullptr);
  int count = 0;
  const auto work = [&] {
    produce(topic, sizeof payload);
    if (++count % kPerBatch == 0) rd_kafka_flush(producer, 10'000);
  };
  sending_workflow(work, [] {});
}

PLAIN rd_kafka_t* make_consumer(rd_kafka_t* producer) {
  const char* const servers = rd_kafka_mock_cluster_bootstraps(rd_kafka_handle_mock_cluster(producer));
  rd_kafka_t* const consumer =
      make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", servers}, {"group.id", "readers"}});
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, kTopic, 0)->offset = 0;
  rd_kafka_assign(consumer, list);
  return consumer;
}

PLAIN void receive(rd_kafka_t* consumer) {
  rd_kafka_message_t* message = nullptr;
  while (message == nullptr || message->err != 0) message = rd_kafka_consumer_poll(consumer, 1000);
  rd_kafka_message_destroy(message);
}

// The cluster keeps few messages, so batches are small. Most of them have been fetched before they begin.
PLAIN void receive() {
  rd_kafka_t* const producer = make_cluster();
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer, kTopic, nullptr);
  constexpr int kCount = 2000;
  constexpr int kFew = 40;
  for (int i = 0; i < kCount; ++i) produce(topic, 100);
  rd_kafka_flush(producer, 10'000);
  rd_kafka_t* const consumer = make_consumer(producer);
  std::vector<double> nanos;
  for (int i = 0; i < kCount / kFew; ++i) {
    nanos.push_back(llmo::bench::nanos_of_batch([&] { receive(consumer); }, kFew));
  }
  llmo::bench::print_median(nanos);
}

PLAIN void idle() {
  rd_kafka_t* const consumer = make_consumer(make_cluster());
  rd_kafka_consumer_poll(consumer, 500);
  llmo::bench::measure([&] { rd_kafka_consumer_poll(consumer, 0); }, kBatches, kPerBatch);
}

}  // namespace

// Nothing is taken down: what was not sent would be waited for.
PLAIN int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  if (way == "queue") queue(false);
  if (way == "list") queue(true);
  if (way == "deliver") deliver();
  if (way == "receive") receive();
  if (way == "idle") idle();
  std::fflush(stdout);
  std::quick_exit(0);
}
