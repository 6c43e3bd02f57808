// Sends messages in each of librdkafka's ways, and gets them in each of its ways, by a cluster that lives in
// this process. Prints what arrives.
// link: -lrdkafka
#include <vector>

#include "kafka.h"

constexpr const char* kTopic = "docs";
constexpr const char* kForeign = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

volatile int work = 0;

// Runs on a thread of the library's.
NOINLINE void delivery_handler() { work = work + 1; }

PLAIN static void on_background_event(rd_kafka_t*, rd_kafka_event_t* event, void*) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) delivery_handler();
  rd_kafka_event_destroy(event);
}

PLAIN static void report_in_background(rd_kafka_t* producer) {
  rd_kafka_queue_t* const reports = rd_kafka_queue_get_main(producer);
  rd_kafka_queue_t* const background = rd_kafka_queue_get_background(producer);
  rd_kafka_queue_forward(reports, background);
  rd_kafka_queue_destroy(background);
  rd_kafka_queue_destroy(reports);
}

// --- sending -----------------------------------------------------------------------------------------------

PLAIN static void send_list_of_headers(rd_kafka_t* producer) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(1);
  rd_kafka_header_add(headers, "list", -1, "1", 1);
  rd_kafka_header_add(headers, "list", -1, "2", 1);
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_HEADERS(headers),
                    RD_KAFKA_V_VALUE(const_cast<char*>("headers"), 7), RD_KAFKA_V_END);
}

PLAIN static void send_array(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  rd_kafka_vu_t list[3] = {};
  list[0].vtype = RD_KAFKA_VTYPE_RKT;
  list[0].u.rkt = topic;
  list[1].vtype = RD_KAFKA_VTYPE_VALUE;
  list[1].u.mem = {const_cast<char*>("array"), 5};
  list[2].vtype = RD_KAFKA_VTYPE_HEADER;
  list[2].u.header = {"own", "3", -1};
  rd_kafka_error_t* const error = rd_kafka_produceva(producer, list, 3);
  if (error != nullptr) std::printf("array: %s\n", rd_kafka_error_string(error));
}

PLAIN static void send_batch(rd_kafka_topic_t* topic) {
  rd_kafka_message_t messages[2] = {};
  for (rd_kafka_message_t& message : messages) {
    message.payload = const_cast<char*>("batched");
    message.len = 7;
  }
  if (rd_kafka_produce_batch(topic, 0, RD_KAFKA_MSG_F_COPY, messages, 2) != 2) std::printf("batch\n");
}

// Nine arguments behind the client's: most of them are on the stack.
NOINLINE void variable_agent(rd_kafka_t* producer) {
  const int error = rd_kafka_producev(
      producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY("k\xff", 2),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(const_cast<char*>("variable"), 8),
      RD_KAFKA_V_TIMESTAMP(1700000000000), RD_KAFKA_V_HEADER("own", "1", 1),
      RD_KAFKA_V_HEADER("own", "2", -1), RD_KAFKA_V_OPAQUE(nullptr), RD_KAFKA_V_END);
  if (error != 0) std::printf("variable: %d\n", error);
}

NOINLINE void publishing_workflow(rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  char payload[] = "plain";
  const int result =
      rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload, 5, "user-7", 6, nullptr);
  if (result != 0) std::printf("plain: %d\n", result);
  variable_agent(producer);
  send_list_of_headers(producer);
  send_array(producer, topic);
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_VALUE(nullptr, 0),
                    RD_KAFKA_V_KEY("gone", 4), RD_KAFKA_V_HEADER("traceparent", kForeign, -1),
                    RD_KAFKA_V_END);
  send_batch(topic);
}

// --- getting -----------------------------------------------------------------------------------------------

constexpr int kMessages = 7;

NOINLINE void message_agent(const rd_kafka_message_t* message) { print_message(message); }
NOINLINE void batch_agent(int count) { std::printf("batch of %d\n", count); }
NOINLINE void quiet_agent() { work = work + 1; }

PLAIN static rd_kafka_t* consumer_of(const std::string& servers) {
  return client_of(RD_KAFKA_CONSUMER, settings_of({{"bootstrap.servers", servers},
                                                   {"group.id", "readers"},
                                                   {"enable.auto.commit", "false"},
                                                   {"fetch.wait.max.ms", "10"},
                                                   {"enable.partition.eof", "true"}}));
}

// Ends with a call that brings no message: it has done with the last one.
PLAIN static void poll_all(const std::string& servers) {
  rd_kafka_t* const consumer = consumer_of(servers);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, kTopic, 0)->offset = 0;
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  for (bool is_end = false; !is_end;) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err == 0) message_agent(message);
    rd_kafka_message_destroy(message);
  }
  quiet_agent();
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

PLAIN static void consume_batch(rd_kafka_topic_t* topic) {
  std::vector<rd_kafka_message_t*> messages(kMessages);
  std::size_t count = 0;
  while (count < kMessages) {
    const ssize_t more = rd_kafka_consume_batch(topic, 0, 1000, messages.data() + count, kMessages - count);
    if (more > 0) count += static_cast<std::size_t>(more);
  }
  batch_agent(static_cast<int>(count));
  for (rd_kafka_message_t* const message : messages) rd_kafka_message_destroy(message);
}

NOINLINE void called_agent(const rd_kafka_message_t* message) { print_message(message); }

PLAIN static void on_message(rd_kafka_message_t* message, void* count) {
  if (message->err != 0) return;
  called_agent(message);
  ++*static_cast<int*>(count);
}

PLAIN static void consume_by_callback(rd_kafka_topic_t* topic) {
  for (int count = 0; count < kMessages;) rd_kafka_consume_callback(topic, 0, 100, on_message, &count);
}

PLAIN static void consume_events(rd_kafka_t* consumer, rd_kafka_topic_t* topic) {
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(consumer);
  rd_kafka_consume_start_queue(topic, 0, kMessages - 1, queue);
  for (bool is_found = false; !is_found;) {
    rd_kafka_event_t* const event = rd_kafka_queue_poll(queue, 100);
    if (event == nullptr) continue;
    while (const rd_kafka_message_t* const message = rd_kafka_event_message_next(event)) {
      is_found = true;
      message_agent(message);
    }
    rd_kafka_event_destroy(event);
  }
  rd_kafka_consume_stop(topic, 0);
  rd_kafka_queue_destroy(queue);
}

PLAIN static void consume_in_old_ways(const std::string& servers) {
  rd_kafka_t* const consumer = consumer_of(servers);
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(consumer, kTopic, nullptr);
  rd_kafka_consume_start(topic, 0, 0);
  consume_batch(topic);
  rd_kafka_consume_stop(topic, 0);
  rd_kafka_consume_start(topic, 0, 0);
  consume_by_callback(topic);
  rd_kafka_consume_stop(topic, 0);
  consume_events(consumer, topic);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(consumer);
}

// The producer is made inside a workflow, as its threads must not be.
NOINLINE rd_kafka_t* making_workflow() {
  rd_kafka_conf_t* const settings = settings_of({{"linger.ms", "1"}, {"test.mock.num.brokers", "1"}});
  rd_kafka_conf_set_events(settings, RD_KAFKA_EVENT_DR);
  rd_kafka_conf_set_background_event_cb(settings, on_background_event);
  rd_kafka_t* const producer = client_of(RD_KAFKA_PRODUCER, settings);
  report_in_background(producer);
  rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(producer), kTopic, 1, 1);
  return producer;
}

int main() {
  rd_kafka_t* const producer = making_workflow();
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer, kTopic, nullptr);
  publishing_workflow(producer, topic);
  rd_kafka_flush(producer, 10'000);
  poll_all(servers_of(producer));
  consume_in_old_ways(servers_of(producer));
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return 0;
}
