// What the program's handles of librdkafka belong to, as librdkafka itself does not tell it: the client of a
// topic's handle, the consumer group of a client.
#pragma once

#include <string_view>

#include "shim/messaging/kafka_api.h"
#include "shim/messaging/kafka_types.h"

namespace llmo::messaging::kafka {

// A client was made, a kConsumerType or another. Threads: any, here and below.
void note_client(Client* client, int type, const Api& api);
// Its end begins.
void forget_client(const Client* client);

// The client has handed out the topic's handle, once more perhaps.
void note_topic(const Topic* topic, Client* client);
// It gets it back, once.
void forget_topic(const Topic* topic);

// Whose handle that is; nullptr where nobody has seen that.
Client* client_of(const Topic* topic);

// The group of a consumer; empty where there is none, or where nobody has seen it. Good until the client's
// end.
std::string_view group_of(const Client* client);

// In a forked child.
void reset_clients_after_fork();

}  // namespace llmo::messaging::kafka
