#include "shim/messaging/amqp_calls.h"

#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "shim/journal/span_draft.h"
#include "shim/messaging/amqp_connections.h"
#include "shim/messaging/amqp_headers.h"
#include "shim/messaging/amqp_library.h"
#include "shim/messaging/amqp_names.h"
#include "shim/messaging/received_messages.h"
#include "shim/messaging/sent_message.h"
#include "shim/messaging/tag_setting.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/real_function.h"
#include "shim/span/tracer.h"

namespace llmo::messaging::amqp {
namespace {

constinit platform::CallerFunction<GetSocket> g_get_socket{"amqp_get_socket", "librabbitmq"};

struct Operation {
  std::string_view name;
  std::string_view type;
};
constexpr Operation kPublish{"publish", "send"};
constexpr Operation kConsume{"consume", "receive"};
constexpr Operation kGet{"get", "receive"};

// --- what spans say

void add_server(journal::SpanDraft& facts, const Server* server) {
  if (server == nullptr) return;
  facts.add("server.address", server->host.view());
  facts.add_int("server.port", server->port);
}

void add_operation(journal::SpanDraft& facts, const Operation& operation, const Destination& destination) {
  facts.set_name(span_name(operation.name, destination).view());
  facts.add("messaging.system", "rabbitmq");
  facts.add("messaging.operation.name", operation.name);
  facts.add("messaging.operation.type", operation.type);
  facts.add("messaging.destination.name", destination_name(destination).view());
  if (is_anonymous(destination)) facts.add_bool("messaging.destination.anonymous", true);
  if (!destination.routing_key.empty())
    facts.add("messaging.rabbitmq.destination.routing_key", destination.routing_key);
}

void add_text(journal::SpanDraft& facts, std::string_view key, const Properties& properties,
              PropertyFlag flag, const Bytes& text) {
  if (properties.has(flag) && !text_of(text).empty()) facts.add(key, text_of(text));
}

void add_message(journal::SpanDraft& facts, const Properties* properties, std::uint64_t body_size) {
  facts.add_int("messaging.message.body.size", static_cast<std::int64_t>(body_size));
  if (properties == nullptr) return;
  add_text(facts, "messaging.message.id", *properties, kMessageId, properties->message_id);
  add_text(facts, "messaging.message.conversation_id", *properties, kCorrelationId,
           properties->correlation_id);
}

// --- sending

// A signal handler, or a child of vfork(), that sends something.
bool is_out_of_turn() { return span::thread_state.busy || span::thread_state.vfork_depth != 0; }

std::optional<span::SpanContext> context_in(const Properties* properties) {
  if (properties == nullptr) return std::nullopt;
  return span::parse_traceparent(carried_by(*properties).traceparent);
}

// A message on its way: the span, and the properties to send it with.
class Sending {
 public:
  Sending(const journal::SpanDraft& facts, const Server* server, const Properties* properties,
          span::Address stack_address)
      : properties_(properties), message_(facts, context_in(properties), stack_address) {
    if (!message_.is_to_be_tagged() || !may_tag(server != nullptr ? server->host.view() : "")) return;
    tagged_.emplace(properties, message_.traceparent(), message_.tracestate());
    properties_ = tagged_->get();
  }

  const Properties* properties() const { return properties_; }

  int finish(int status) {
    const platform::ErrnoSaver keep;
    message_.close(status == kStatusOk ? std::string_view() : status_name(status));
    return status;
  }

 private:
  const Properties* properties_;
  SentMessage message_;
  std::optional<TaggedProperties> tagged_;
};

// --- getting

// What was announced has come. The library's structures are its own: they are read and left as they are.
void publish_received(ReceivedMessages& received, const Announced& announced, const Properties& properties,
                      std::uint64_t body_size, const Server* server) {
  const platform::ErrnoSaver keep;
  journal::SpanDraft facts;
  add_operation(facts, announced.was_asked_for ? kGet : kConsume, announced.destination());
  facts.add_int("messaging.rabbitmq.message.delivery_tag", static_cast<std::int64_t>(announced.delivery_tag));
  add_message(facts, &properties, body_size);
  add_server(facts, server);
  const journal::SpanDraft none;
  received.add(carried_by(properties), none);
  received.publish(facts);
}

// As both methods and the envelope have it.
template <typename Told>
void fill(Announced& message, Channel channel, const Told& told) {
  message.channel = channel;
  message.delivery_tag = told.delivery_tag;
  message.exchange.assign(text_of(told.exchange));
  message.routing_key.assign(text_of(told.routing_key));
}

// nullptr where the method tells of no message. `queue` is that of a basic.get.
std::unique_ptr<Announced> announced_by(const Connection* connection, const Method& method, Channel channel,
                                        const Bytes& queue) {
  const bool is_delivery = method.id == kBasicDeliver;
  const bool has_message = method.decoded != nullptr && (is_delivery || method.id == kBasicGetOk);
  std::unique_ptr<Announced> message(has_message ? new (std::nothrow) Announced : nullptr);
  if (message == nullptr) return nullptr;
  message->was_asked_for = !is_delivery;
  if (is_delivery) {
    const auto& told = *static_cast<const BasicDeliver*>(method.decoded);
    fill(*message, channel, told);
    message->queue = queue_of(connection, channel, text_of(told.consumer_tag));
  } else {
    fill(*message, channel, *static_cast<const BasicGetOk*>(method.decoded));
    message->queue.assign(text_of(queue));
  }
  return message;
}

void note_method(Connection* connection, const Frame& frame, std::uint64_t asked_ticks) {
  std::unique_ptr<Announced> message = announced_by(connection, frame.payload.method, frame.channel, {});
  if (message == nullptr) {
    take_announced(connection, frame.channel);
    return;
  }
  message->asked_ticks = asked_ticks;
  note_announced(connection, std::move(message));
}

void note_header(const CallSite& site, Connection* connection, const Frame& frame) {
  const ContentHeader& header = frame.payload.header;
  const std::unique_ptr<Announced> announced = take_announced(connection, frame.channel);
  if (announced == nullptr || header.class_id != kBasicClass || header.decoded == nullptr) return;
  ReceivedMessages received(site.stack_address, announced->asked_ticks);
  if (!received.is_recording()) return;
  publish_received(received, *announced, *static_cast<const Properties*>(header.decoded), header.body_size,
                   server_of(socket_of(connection, site)));
}

template <typename Wait>
int wait_and_note(const CallSite& site, Connection* connection, const Frame* frame, const Wait& wait) {
  // The clock comes with the journal.
  const std::uint64_t asked_ticks = span::journal_if_open() != nullptr ? platform::now_ticks() : 0;
  const int status = wait();
  if (status != kStatusOk || frame == nullptr) return status;
  const platform::ErrnoSaver keep;
  if (frame->type == FrameType::kMethod) note_method(connection, *frame, asked_ticks);
  if (frame->type == FrameType::kHeader) note_header(site, connection, *frame);
  return status;
}

}  // namespace

bool is_followed(const void* function, const CallSite& site) {
  const platform::ErrnoSaver keep;
  return span::recording() && is_known_library(function) &&
         platform::module_of(site.return_address) != platform::module_of(function);
}

const Socket* socket_of(Connection* connection, const CallSite& site) {
  const platform::ErrnoSaver keep;
  GetSocket* const get_socket = g_get_socket.get(site.return_address);
  return get_socket == nullptr || connection == nullptr ? nullptr : get_socket(connection);
}

int publish(Publish* real, const CallSite& site, Connection* connection, Channel channel, Bytes exchange,
            Bytes routing_key, Boolean mandatory, Boolean immediate, const Properties* properties,
            Bytes body) {
  const auto send = [&](const Properties* sent) {
    return real(connection, channel, exchange, routing_key, mandatory, immediate, sent, body);
  };
  if (is_out_of_turn() || span::is_paused()) return send(properties);
  const Server* const server = server_of(socket_of(connection, site));
  journal::SpanDraft facts;
  add_operation(facts, kPublish, {text_of(exchange), text_of(routing_key), {}});
  add_message(facts, properties, body.size);
  add_server(facts, server);
  Sending sending(facts, server, properties, site.stack_address);
  return sending.finish(send(sending.properties()));
}

Reply consume_message(ConsumeMessage* real, const CallSite& site, Connection* connection, Envelope* envelope,
                      const timeval* timeout, int flags) {
  ReceivedMessages received(site.stack_address);
  const Reply reply = real(connection, envelope, timeout, flags);
  if (!received.is_recording() || reply.type != ReplyType::kNormal || envelope == nullptr) return reply;
  Announced announced;
  fill(announced, envelope->channel, *envelope);
  announced.queue = queue_of(connection, envelope->channel, text_of(envelope->consumer_tag));
  publish_received(received, announced, envelope->message.properties, envelope->message.body.size,
                   server_of(socket_of(connection, site)));
  return reply;
}

Reply get(Get* real, const CallSite& site, Connection* connection, Channel channel, Bytes queue,
          Boolean no_ack) {
  const ReceivedMessages received(site.stack_address);
  const Reply reply = real(connection, channel, queue, no_ack);
  if (!received.is_recording()) return reply;
  const platform::ErrnoSaver keep;
  const bool is_answer = reply.type == ReplyType::kNormal;
  std::unique_ptr<Announced> message =
      is_answer ? announced_by(connection, reply.method, channel, queue) : nullptr;
  if (message != nullptr) message->asked_ticks = received.start_ticks();
  note_announced(connection, std::move(message));
  return reply;
}

Reply read_message(ReadMessage* real, const CallSite& site, Connection* connection, Channel channel,
                   Message* message, int flags) {
  const std::unique_ptr<Announced> announced = take_announced(connection, channel);
  if (announced == nullptr) return real(connection, channel, message, flags);
  ReceivedMessages received(site.stack_address, announced->asked_ticks);
  const Reply reply = real(connection, channel, message, flags);
  if (received.is_recording() && reply.type == ReplyType::kNormal && message != nullptr) {
    publish_received(received, *announced, message->properties, message->body.size,
                     server_of(socket_of(connection, site)));
  }
  return reply;
}

int wait_frame(WaitFrame* real, const CallSite& site, Connection* connection, Frame* frame) {
  return wait_and_note(site, connection, frame, [&] { return real(connection, frame); });
}

int wait_frame(WaitFrameInTime* real, const CallSite& site, Connection* connection, Frame* frame,
               const timeval* timeout) {
  return wait_and_note(site, connection, frame, [&] { return real(connection, frame, timeout); });
}

}  // namespace llmo::messaging::amqp
