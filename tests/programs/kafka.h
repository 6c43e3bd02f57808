// What the programs that speak Kafka share: librdkafka's own mock cluster, and how a message is printed.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

#include "program.h"

using KafkaSettings = std::initializer_list<std::pair<const char*, std::string>>;

PLAIN inline rd_kafka_conf_t* settings_of(const KafkaSettings& settings) {
  rd_kafka_conf_t* const result = rd_kafka_conf_new();
  char error[256];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(result, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      std::printf("%s\n", error);
      std::abort();
    }
  }
  return result;
}

PLAIN inline rd_kafka_t* client_of(rd_kafka_type_t type, rd_kafka_conf_t* settings) {
  char error[256];
  rd_kafka_t* const client = rd_kafka_new(type, settings, error, sizeof error);
  if (client == nullptr) {
    std::printf("%s\n", error);
    std::abort();
  }
  return client;
}

// A producer that brings a cluster of one broker, with a topic of one partition.
PLAIN inline rd_kafka_t* producer_with_cluster(const KafkaSettings& settings, const char* topic) {
  rd_kafka_conf_t* const conf = settings_of(settings);
  rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", nullptr, 0);
  rd_kafka_t* const producer = client_of(RD_KAFKA_PRODUCER, conf);
  rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(producer), topic, 1, 1);
  return producer;
}

PLAIN inline std::string servers_of(const rd_kafka_t* producer) {
  return rd_kafka_mock_cluster_bootstraps(rd_kafka_handle_mock_cluster(producer));
}

PLAIN inline void print_headers(const rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i) {
    std::printf(" %s=%.*s", name, static_cast<int>(size), static_cast<const char*>(value));
  }
}

PLAIN inline void print_message(const rd_kafka_message_t* message) {
  std::printf("%s %.*s", rd_kafka_topic_name(message->rkt), static_cast<int>(message->len),
              static_cast<const char*>(message->payload));
  if (message->key != nullptr) {
    std::printf(" key %.*s", static_cast<int>(message->key_len), static_cast<const char*>(message->key));
  }
  print_headers(message);
  std::printf("\n");
}
