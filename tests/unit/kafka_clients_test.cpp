// Whose a handle of a topic is, while threads get it and give it back.
#include "shim/messaging/kafka_clients.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace kafka = llmo::messaging::kafka;

namespace {

// Nothing looks into them.
kafka::Client* client_at(std::uintptr_t address) { return reinterpret_cast<kafka::Client*>(address); }
kafka::Topic* topic_at(std::uintptr_t address) { return reinterpret_cast<kafka::Topic*>(address); }

}  // namespace

TEST_CASE("a handle belongs to its client until it was given back as often as handed out", "[kafka]") {
  kafka::Client* const client = client_at(0x1000);
  kafka::Topic* const topic = topic_at(0x2000);
  kafka::note_client(client, 0, {});
  kafka::note_topic(topic, client);
  kafka::note_topic(topic, client);
  kafka::forget_topic(topic);
  CHECK(kafka::client_of(topic) == client);
  kafka::forget_topic(topic);
  CHECK(kafka::client_of(topic) == nullptr);
  kafka::forget_topic(topic);
  kafka::note_topic(topic, client);
  kafka::forget_client(client);
  CHECK(kafka::client_of(topic) == nullptr);
  kafka::forget_topic(topic);
}

TEST_CASE("threads that share a handle never find it without its client", "[kafka]") {
  constexpr int kThreads = 4;
  constexpr int kTimes = 20'000;
  kafka::Client* const client = client_at(0x3000);
  kafka::Topic* const topic = topic_at(0x4000);
  kafka::note_client(client, 0, {});
  std::atomic<int> not_found{0};
  const auto use = [&] {
    for (int time = 0; time < kTimes; ++time) {
      kafka::note_topic(topic, client);
      if (kafka::client_of(topic) != client) ++not_found;
      kafka::forget_topic(topic);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(use);
  for (std::thread& thread : threads) thread.join();
  CHECK(not_found == 0);
  CHECK(kafka::client_of(topic) == nullptr);
  kafka::forget_client(client);
}
