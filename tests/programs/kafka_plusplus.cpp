// The C++ interface of librdkafka: messages with headers and without, there and back.
// link: -lrdkafka++ -lrdkafka
#include <librdkafka/rdkafkacpp.h>

#include <memory>

#include "kafka.h"

constexpr const char* kTopic = "docs";

PLAIN static std::unique_ptr<RdKafka::Conf> conf_of(const KafkaSettings& settings) {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  std::string error;
  for (const auto& [name, value] : settings) conf->set(name, value, error);
  return conf;
}

PLAIN static void send_header(RdKafka::Producer& producer, std::string text, const char* name,
                              const char* value) {
  RdKafka::Headers* const headers = RdKafka::Headers::create();
  headers->add(name, value);
  const RdKafka::ErrorCode error = producer.produce(kTopic, 0, RdKafka::Producer::RK_MSG_COPY, text.data(),
                                                    text.size(), nullptr, 0, 0, headers, nullptr);
  if (error != RdKafka::ERR_NO_ERROR) std::printf("%s\n", RdKafka::err2str(error).c_str());
}

NOINLINE void publishing_workflow(RdKafka::Producer& producer, RdKafka::Topic& topic) {
  std::string key = "user-7";
  std::string text = "plain";
  producer.produce(&topic, 0, RdKafka::Producer::RK_MSG_COPY, text.data(), text.size(), &key, nullptr);
  send_header(producer, "headers", "own", "1");
  send_header(producer, "unreadable", "traceparent", "00-nonsense");
}

NOINLINE void message_agent(RdKafka::Message& message) { print_message(message.c_ptr()); }

PLAIN static void poll_all(const std::string& servers) {
  std::string error;
  const std::unique_ptr<RdKafka::KafkaConsumer> consumer(RdKafka::KafkaConsumer::create(
      conf_of({{"bootstrap.servers", servers}, {"group.id", "readers"}}).get(), error));
  const std::unique_ptr<RdKafka::TopicPartition> place(RdKafka::TopicPartition::create(kTopic, 0, 0));
  consumer->assign({place.get()});
  for (int count = 0; count < 3;) {
    const std::unique_ptr<RdKafka::Message> message(consumer->consume(1000));
    if (message->err() != RdKafka::ERR_NO_ERROR) continue;
    message_agent(*message);
    ++count;
  }
  consumer->close();
}

int main() {
  std::string error;
  const std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(
      conf_of({{"test.mock.num.brokers", "1"}, {"linger.ms", "1"}, {"log_level", "0"}}).get(), error));
  rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(producer->c_ptr()), kTopic, 1, 1);
  const std::unique_ptr<RdKafka::Topic> topic(RdKafka::Topic::create(producer.get(), kTopic, nullptr, error));
  publishing_workflow(*producer, *topic);
  producer->flush(10'000);
  poll_all(servers_of(producer->c_ptr()));
  return 0;
}
