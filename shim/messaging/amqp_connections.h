// What has to be remembered of a program's connections to RabbitMQ from one call to the next: which server
// they go to, which queue a consumer tag stands for, and the message that was announced last and whose
// content has not been read yet.
//
// A connection is used by one thread at a time, as librabbitmq wants it; different ones by different threads.
// Nothing here is called with an address that the library has not just used itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "shim/messaging/amqp_names.h"
#include "shim/messaging/amqp_types.h"
#include "shim/platform/fixed_text.h"

namespace llmo::messaging::amqp {

using ShortText = platform::FixedText<255>;  // what AMQP calls a short string, or a host name

// A server that a socket was opened to.
struct Server {
  const Socket* socket = nullptr;
  ShortText host{};  // in lower case
  int port = 0;
  Server* next_in_bucket = nullptr;

  const void* address() const { return socket; }
};

void note_server(const Socket* socket, const char* host, int port);
// nullptr where it was opened in another way. Good until forget_connection().
const Server* server_of(const Socket* socket);

// A message that the server has announced.
struct Announced {
  Channel channel = 0;
  bool was_asked_for = false;  // by basic.get; else the queue has a consumer
  std::uint64_t delivery_tag = 0;
  std::uint64_t asked_ticks = 0;  // when the program asked for it, or began to wait; 0: not known
  ShortText exchange{};
  ShortText routing_key{};
  ShortText queue{};

  Destination destination() const { return {exchange.view(), routing_key.view(), queue.view()}; }
};

// In place of the one before: its content was not read, or not by way of a hook. nullptr: there is none.
void note_announced(const Connection* connection, std::unique_ptr<Announced> message);
// nullptr where none was announced on that channel.
std::unique_ptr<Announced> take_announced(const Connection* connection, Channel channel);

// `tag` brings the messages of `queue` from now on.
void note_consumer(const Connection* connection, Channel channel, std::string_view tag,
                   std::string_view queue);
// Empty where it is not known.
ShortText queue_of(const Connection* connection, Channel channel, std::string_view tag);

// The connection goes, and its socket (nullptr: it has none).
void forget_connection(const Connection* connection, const Socket* socket);

// In a forked child, before any other call: locks are free again, what is known is kept.
void reset_after_fork();

}  // namespace llmo::messaging::amqp
