// How OpenTelemetry names what RabbitMQ sends to and gets from.
#pragma once

#include <string_view>

#include "shim/platform/fixed_text.h"

namespace llmo::messaging::amqp {

// Exchange, routing key and queue, 255 bytes each at most, and two colons.
using DestinationText = platform::FixedText<3 * 255 + 2>;

// `queue` is empty for what is sent, and where it is not known.
struct Destination {
  std::string_view exchange;
  std::string_view routing_key;
  std::string_view queue;
};

// messaging.destination.name: `{exchange}:{routing key}:{queue}`. Empty parts are left out, and the queue
// where it is called as the routing key; `amq.default` where nothing is left.
DestinationText destination_name(const Destination& destination);

// Whether it is a queue of the moment, which the server has made up the name of: a reply's, mostly.
bool is_anonymous(const Destination& destination);

// The span's name: `{operation} {destination}`, with what the server has made up left out, as such names are
// without end.
DestinationText span_name(std::string_view operation, const Destination& destination);

// The name that librabbitmq gives a status (amqp_status_enum), `_OTHER` where it has none.
std::string_view status_name(int status);

}  // namespace llmo::messaging::amqp
