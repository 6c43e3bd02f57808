#include "shim/messaging/kafka_clients.h"

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "shim/platform/address_table.h"

namespace llmo::messaging::kafka {

namespace {

struct KnownClient {
  const void* address() const { return client; }

  const Client* client;
  std::array<char, 256> group{};  // what is longer counts as none
  KnownClient* next_in_bucket = nullptr;
};

struct KnownTopic {
  const void* address() const { return topic; }

  const Topic* topic;
  Client* client;
  std::uint32_t uses = 1;  // librdkafka hands out one handle several times; guarded by the table
  KnownTopic* next_in_bucket = nullptr;
};

constinit platform::AddressTable<platform::Part::kKafka, KnownClient, 6> clients;
constinit platform::AddressTable<platform::Part::kKafka, KnownTopic, 8> topics;

void read_group(const Api& api, Client* client, KnownClient* known) {
  if (api.conf == nullptr || api.conf_get == nullptr) return;
  std::size_t size = known->group.size();
  const Settings* const settings = api.conf(client);
  if (settings == nullptr || api.conf_get(settings, "group.id", known->group.data(), &size) != 0 ||
      size > known->group.size()) {
    known->group.front() = '\0';
  }
}

}  // namespace

// One that was there before, at the same address, ended unseen.
void note_client(Client* client, int type, const Api& api) {
  std::unique_ptr<KnownClient> known(new (std::nothrow) KnownClient{client});
  if (known == nullptr) return;
  if (type == kConsumerType) read_group(api, client, known.get());
  clients.insert(std::move(known));
}

void forget_client(const Client* client) { clients.take(client); }

void note_topic(const Topic* topic, Client* client) {
  const auto use_again = [client](KnownTopic& known) {
    if (known.client == client) ++known.uses;
    return known.client == client;
  };
  if (topics.visit(topic, use_again)) return;
  std::unique_ptr<KnownTopic> known(new (std::nothrow) KnownTopic{topic, client});
  if (known != nullptr) topics.insert_unless(std::move(known), use_again);
}

void forget_topic(const Topic* topic) {
  topics.take_if(topic, [](KnownTopic& known) { return --known.uses == 0; });
}

// A client that has ended has no topics, whatever the program has forgotten to give back.
Client* client_of(const Topic* topic) {
  Client* const client = topics.visit(topic, [](const KnownTopic& known) { return known.client; });
  return clients.find(client) != nullptr ? client : nullptr;
}

std::string_view group_of(const Client* client) {
  const KnownClient* const known = clients.find(client);
  return known == nullptr ? std::string_view() : std::string_view(known->group.data());
}

void reset_clients_after_fork() {
  clients.reset_after_fork();
  topics.reset_after_fork();
}

}  // namespace llmo::messaging::kafka
