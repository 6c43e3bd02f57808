// The functions of librabbitmq that libllmobserve.so stands in front of.
//
//   amqp_basic_publish                          producer span, and its context in the message
//   amqp_consume_message                        consumer span                        messaging/amqp_calls.h
//   amqp_basic_get, amqp_read_message           consumer span
//   amqp_simple_wait_frame, _noblock            consumer span, for who reads frames
//   amqp_basic_consume                          which queue a consumer tag stands for
//   amqp_socket_open, _noblock                  which server                   messaging/amqp_connections.h
//   amqp_destroy_connection                     all of that is forgotten
//
// Nothing is decided here. The library itself calls some of these by name; that is no call of the program's.
#include "shim/messaging/amqp_calls.h"
#include "shim/messaging/amqp_connections.h"
#include "shim/platform/call_site.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"

namespace {

namespace amqp = llmo::messaging::amqp;
using llmo::platform::CallerFunction;
using llmo::platform::ErrnoSaver;

constexpr const char* kLibrary = "librabbitmq";

constinit CallerFunction<amqp::Publish> real_publish{"amqp_basic_publish", kLibrary};
constinit CallerFunction<amqp::Consume> real_consume{"amqp_basic_consume", kLibrary};
constinit CallerFunction<amqp::ConsumeMessage> real_consume_message{"amqp_consume_message", kLibrary};
constinit CallerFunction<amqp::Get> real_get{"amqp_basic_get", kLibrary};
constinit CallerFunction<amqp::ReadMessage> real_read_message{"amqp_read_message", kLibrary};
constinit CallerFunction<amqp::WaitFrame> real_wait_frame{"amqp_simple_wait_frame", kLibrary};
constinit CallerFunction<amqp::WaitFrameInTime> real_wait_frame_noblock{"amqp_simple_wait_frame_noblock",
                                                                        kLibrary};
constinit CallerFunction<amqp::OpenSocket> real_socket_open{"amqp_socket_open", kLibrary};
constinit CallerFunction<amqp::OpenSocketInTime> real_socket_open_noblock{"amqp_socket_open_noblock",
                                                                          kLibrary};
constinit CallerFunction<amqp::Destroy> real_destroy{"amqp_destroy_connection", kLibrary};

// What functions give back that are not there.
constexpr amqp::Reply kNotThere{
    .type = amqp::ReplyType::kLibraryException, .method = {}, .library_error = amqp::kStatusUnsupported};

template <typename Function>
bool is_followed(Function* real, const amqp::CallSite& site) {
  return amqp::is_followed(reinterpret_cast<const void*>(real), site);
}

int note_opened(int status, const amqp::Socket* socket, const char* host, int port) {
  const ErrnoSaver keep;
  if (status == amqp::kStatusOk) amqp::note_server(socket, host, port);
  return status;
}

}  // namespace

extern "C" {

LLMO_EXPORT int amqp_basic_publish(amqp::Connection* connection, amqp::Channel channel, amqp::Bytes exchange,
                                   amqp::Bytes routing_key, amqp::Boolean mandatory, amqp::Boolean immediate,
                                   const amqp::Properties* properties, amqp::Bytes body) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_publish.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  if (!is_followed(real, site))
    return real(connection, channel, exchange, routing_key, mandatory, immediate, properties, body);
  return amqp::publish(real, site, connection, channel, exchange, routing_key, mandatory, immediate,
                       properties, body);
}

LLMO_EXPORT amqp::BasicConsumeOk* amqp_basic_consume(amqp::Connection* connection, amqp::Channel channel,
                                                     amqp::Bytes queue, amqp::Bytes tag,
                                                     amqp::Boolean no_local, amqp::Boolean no_ack,
                                                     amqp::Boolean exclusive, amqp::Table arguments) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_consume.get(site.return_address);
  if (real == nullptr) return nullptr;
  auto* const done = real(connection, channel, queue, tag, no_local, no_ack, exclusive, arguments);
  const ErrnoSaver keep;
  if (done != nullptr && is_followed(real, site)) {
    amqp::note_consumer(connection, channel, amqp::text_of(done->consumer_tag), amqp::text_of(queue));
  }
  return done;
}

LLMO_EXPORT amqp::Reply amqp_consume_message(amqp::Connection* connection, amqp::Envelope* envelope,
                                             const timeval* timeout, int flags) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_consume_message.get(site.return_address);
  if (real == nullptr) return kNotThere;
  if (!is_followed(real, site)) return real(connection, envelope, timeout, flags);
  return amqp::consume_message(real, site, connection, envelope, timeout, flags);
}

LLMO_EXPORT amqp::Reply amqp_basic_get(amqp::Connection* connection, amqp::Channel channel, amqp::Bytes queue,
                                       amqp::Boolean no_ack) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_get.get(site.return_address);
  if (real == nullptr) return kNotThere;
  if (!is_followed(real, site)) return real(connection, channel, queue, no_ack);
  return amqp::get(real, site, connection, channel, queue, no_ack);
}

LLMO_EXPORT amqp::Reply amqp_read_message(amqp::Connection* connection, amqp::Channel channel,
                                          amqp::Message* message, int flags) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_read_message.get(site.return_address);
  if (real == nullptr) return kNotThere;
  if (!is_followed(real, site)) return real(connection, channel, message, flags);
  return amqp::read_message(real, site, connection, channel, message, flags);
}

LLMO_EXPORT int amqp_simple_wait_frame(amqp::Connection* connection, amqp::Frame* frame) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_wait_frame.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  if (!is_followed(real, site)) return real(connection, frame);
  return amqp::wait_frame(real, site, connection, frame);
}

LLMO_EXPORT int amqp_simple_wait_frame_noblock(amqp::Connection* connection, amqp::Frame* frame,
                                               const timeval* timeout) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_wait_frame_noblock.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  if (!is_followed(real, site)) return real(connection, frame, timeout);
  return amqp::wait_frame(real, site, connection, frame, timeout);
}

LLMO_EXPORT int amqp_socket_open(amqp::Socket* socket, const char* host, int port) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_socket_open.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  const int status = real(socket, host, port);
  return is_followed(real, site) ? note_opened(status, socket, host, port) : status;
}

LLMO_EXPORT int amqp_socket_open_noblock(amqp::Socket* socket, const char* host, int port,
                                         const timeval* timeout) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_socket_open_noblock.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  const int status = real(socket, host, port, timeout);
  return is_followed(real, site) ? note_opened(status, socket, host, port) : status;
}

// The library frees the socket too, so that it is asked for before.
LLMO_EXPORT int amqp_destroy_connection(amqp::Connection* connection) {
  const amqp::CallSite site = LLMO_CALL_SITE;
  auto* const real = real_destroy.get(site.return_address);
  if (real == nullptr) return amqp::kStatusUnsupported;
  if (connection != nullptr && is_followed(real, site))
    amqp::forget_connection(connection, amqp::socket_of(connection, site));
  return real(connection);
}

}  // extern "C"
