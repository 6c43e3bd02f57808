#include "shim/messaging/amqp_names.h"

#include <iterator>

namespace llmo::messaging::amqp {
namespace {

bool is_made_up(std::string_view name) {
  return name.starts_with("amq.gen-") || name.starts_with("amq.rabbitmq.reply-to");
}

constexpr std::string_view kNothing = "amq.default";

// `begin`: where the parts begin in the text.
void add_part(DestinationText& text, std::size_t begin, std::string_view part) {
  if (part.empty()) return;
  if (text.size() > begin) text.append(":");
  text.append(part);
}

void add_parts(DestinationText& text, const Destination& destination) {
  const std::size_t begin = text.size();
  add_part(text, begin, destination.exchange);
  add_part(text, begin, destination.routing_key);
  if (destination.queue != destination.routing_key) add_part(text, begin, destination.queue);
}

std::string_view unless_made_up(std::string_view part) {
  return is_made_up(part) ? std::string_view() : part;
}

}  // namespace

DestinationText destination_name(const Destination& destination) {
  DestinationText text;
  add_parts(text, destination);
  if (text.empty()) text.assign(kNothing);
  return text;
}

bool is_anonymous(const Destination& destination) {
  return is_made_up(destination.routing_key) || is_made_up(destination.queue);
}

DestinationText span_name(std::string_view operation, const Destination& destination) {
  DestinationText name;
  name.assign(operation);
  name.append(" ");
  const std::size_t begin = name.size();
  add_parts(name, {destination.exchange, unless_made_up(destination.routing_key),
                   unless_made_up(destination.queue)});
  if (name.size() > begin) return name;
  if (is_anonymous(destination)) {
    name.assign(operation);
  } else {
    name.append(kNothing);
  }
  return name;
}

std::string_view status_name(int status) {
  constexpr std::string_view kGeneral[] = {"AMQP_STATUS_OK",
                                           "AMQP_STATUS_NO_MEMORY",
                                           "AMQP_STATUS_BAD_AMQP_DATA",
                                           "AMQP_STATUS_UNKNOWN_CLASS",
                                           "AMQP_STATUS_UNKNOWN_METHOD",
                                           "AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED",
                                           "AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION",
                                           "AMQP_STATUS_CONNECTION_CLOSED",
                                           "AMQP_STATUS_BAD_URL",
                                           "AMQP_STATUS_SOCKET_ERROR",
                                           "AMQP_STATUS_INVALID_PARAMETER",
                                           "AMQP_STATUS_TABLE_TOO_BIG",
                                           "AMQP_STATUS_WRONG_METHOD",
                                           "AMQP_STATUS_TIMEOUT",
                                           "AMQP_STATUS_TIMER_FAILURE",
                                           "AMQP_STATUS_HEARTBEAT_TIMEOUT",
                                           "AMQP_STATUS_UNEXPECTED_STATE",
                                           "AMQP_STATUS_SOCKET_CLOSED",
                                           "AMQP_STATUS_SOCKET_INUSE",
                                           "AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD",
                                           "AMQP_STATUS_UNSUPPORTED"};
  constexpr std::string_view kTcp[] = {"AMQP_STATUS_TCP_ERROR", "AMQP_STATUS_TCP_SOCKETLIB_INIT_ERROR"};
  constexpr std::string_view kSsl[] = {
      "AMQP_STATUS_SSL_ERROR", "AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED", "AMQP_STATUS_SSL_PEER_VERIFY_FAILED",
      "AMQP_STATUS_SSL_CONNECTION_FAILED", "AMQP_STATUS_SSL_SET_ENGINE_FAILED"};
  const auto number = 0U - static_cast<unsigned>(status);
  const unsigned group = number >> 8, at = number & 0xff;
  if (group == 0 && at < std::size(kGeneral)) return kGeneral[at];
  if (group == 1 && at < std::size(kTcp)) return kTcp[at];
  if (group == 2 && at < std::size(kSsl)) return kSsl[at];
  return "_OTHER";
}

}  // namespace llmo::messaging::amqp
