#include "shim/messaging/amqp_connections.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "shim/platform/address_table.h"
#include "shim/platform/out_of_memory.h"

namespace llmo::messaging::amqp {
namespace {

// Consumers of one connection; those that are cancelled meanwhile give way to new ones.
constexpr std::size_t kMaxConsumers = 64;

struct Consumer {
  Channel channel;
  std::string tag;
  std::string queue;
};

struct Known {
  const Connection* connection = nullptr;
  std::unique_ptr<Announced> announced{};
  std::vector<Consumer> consumers{};
  std::size_t oldest_consumer = 0;
  Known* next_in_bucket = nullptr;

  const void* address() const { return connection; }

  Consumer* find(Channel channel, std::string_view tag) {
    const auto found = std::find_if(consumers.begin(), consumers.end(), [&](const Consumer& consumer) {
      return consumer.channel == channel && consumer.tag == tag;
    });
    return found == consumers.end() ? nullptr : &*found;
  }
};

constexpr unsigned kTableBits = 6;
constinit platform::AddressTable<platform::Part::kAmqp, Server, kTableBits> g_servers;
constinit platform::AddressTable<platform::Part::kAmqp, Known, kTableBits> g_connections;

Known* known_or_new(const Connection* connection) {
  if (Known* const known = g_connections.find(connection)) return known;
  auto* const made = new (std::nothrow) Known{.connection = connection};
  if (made != nullptr) g_connections.insert(std::unique_ptr<Known>(made));
  return made;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void keep_consumer(Known& known, Consumer consumer) {
  if (Consumer* const same = known.find(consumer.channel, consumer.tag)) {
    *same = std::move(consumer);
  } else if (known.consumers.size() < kMaxConsumers) {
    known.consumers.push_back(std::move(consumer));
  } else {
    known.consumers[known.oldest_consumer++ % kMaxConsumers] = std::move(consumer);
  }
}

}  // namespace

void note_server(const Socket* socket, const char* host, int port) {
  if (host == nullptr) return;
  std::unique_ptr<Server> server(new (std::nothrow) Server{.socket = socket, .port = port});
  if (server == nullptr) return;
  for (; *host != '\0'; ++host) {
    const char c = lower(*host);
    if (!server->host.append({&c, 1})) return;
  }
  g_servers.insert(std::move(server));
}

const Server* server_of(const Socket* socket) { return socket == nullptr ? nullptr : g_servers.find(socket); }

void note_announced(const Connection* connection, std::unique_ptr<Announced> message) {
  Known* const known = message != nullptr ? known_or_new(connection) : g_connections.find(connection);
  if (known != nullptr) known->announced = std::move(message);
}

std::unique_ptr<Announced> take_announced(const Connection* connection, Channel channel) {
  Known* const known = g_connections.find(connection);
  if (known == nullptr || known->announced == nullptr || known->announced->channel != channel) return nullptr;
  return std::move(known->announced);
}

void note_consumer(const Connection* connection, Channel channel, std::string_view tag,
                   std::string_view queue) {
  Known* const known = known_or_new(connection);
  if (known == nullptr || queue.empty()) return;
  platform::had_memory_for([&] { keep_consumer(*known, {channel, std::string(tag), std::string(queue)}); });
}

ShortText queue_of(const Connection* connection, Channel channel, std::string_view tag) {
  ShortText queue;
  Known* const known = g_connections.find(connection);
  if (known == nullptr) return queue;
  if (const Consumer* const consumer = known->find(channel, tag)) queue.assign(consumer->queue);
  return queue;
}

void forget_connection(const Connection* connection, const Socket* socket) {
  g_connections.take(connection).reset();
  if (socket != nullptr) g_servers.take(socket).reset();
}

void reset_after_fork() {
  g_servers.reset_after_fork();
  g_connections.reset_after_fork();
}

}  // namespace llmo::messaging::amqp
