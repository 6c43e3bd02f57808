// The librdkafka functions that libllmobserve.so stands in front of. librdkafka++ and the extension modules
// of other languages come by them, too.
//
//   rd_kafka_produce, _producev, _produceva,
//   rd_kafka_produce_batch                         producer spans, and a header      messaging/kafka_send.h
//   rd_kafka_consumer_poll, _consume, _consume_queue,
//   rd_kafka_consume_batch, _consume_batch_queue,
//   rd_kafka_event_message_next, _message_array    consumer spans, with links messaging/kafka_receive.h
//   rd_kafka_consume_callback, _callback_queue     a span around each callback
//   rd_kafka_queue_poll                            asks for the next one
//   rd_kafka_new, _destroy, _destroy_flags,
//   rd_kafka_topic_new, _topic_destroy             what belongs to what messaging/kafka_clients.h
//
// Not noexcept: callbacks of the host run beneath, and threads are cancelled while they wait.
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <span>

#include "shim/messaging/kafka_api.h"
#include "shim/messaging/kafka_clients.h"
#include "shim/messaging/kafka_receive.h"
#include "shim/messaging/kafka_send.h"
#include "shim/messaging/kafka_types.h"
#include "shim/platform/call_site.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/span/entered_context.h"
#include "shim/span/tracer.h"

namespace kafka = llmo::messaging::kafka;

namespace {

using kafka::CallSite;
using kafka::Client;
using kafka::ErrorCode;
using kafka::Event;
using kafka::Message;
using kafka::Queue;
using kafka::Receiving;
using kafka::Topic;
using llmo::platform::CallerFunction;
using llmo::platform::ErrnoSaver;

using HostCallback = void(Message*, void*);
using MakeClient = Client*(int, kafka::Settings*, char*, std::size_t);
using MakeTopic = Topic*(Client*, const char*, kafka::TopicSettings*);

constexpr const char* kLibrary = "librdkafka";

constinit CallerFunction<MakeClient> real_new{"rd_kafka_new", kLibrary};
constinit CallerFunction<void(Client*)> real_destroy{"rd_kafka_destroy", kLibrary};
constinit CallerFunction<void(Client*, int)> real_destroy_flags{"rd_kafka_destroy_flags", kLibrary};
constinit CallerFunction<MakeTopic> real_topic_new{"rd_kafka_topic_new", kLibrary};
constinit CallerFunction<void(Topic*)> real_topic_destroy{"rd_kafka_topic_destroy", kLibrary};
constinit CallerFunction<kafka::Produce> real_produce{"rd_kafka_produce", kLibrary};
constinit CallerFunction<ErrorCode(Client*, ...)> real_producev{"rd_kafka_producev", kLibrary};
constinit CallerFunction<kafka::ProduceList> real_produceva{"rd_kafka_produceva", kLibrary};
constinit CallerFunction<kafka::ProduceBatch> real_produce_batch{"rd_kafka_produce_batch", kLibrary};
constinit CallerFunction<Message*(Client*, int)> real_consumer_poll{"rd_kafka_consumer_poll", kLibrary};
constinit CallerFunction<Message*(Topic*, std::int32_t, int)> real_consume{"rd_kafka_consume", kLibrary};
constinit CallerFunction<Message*(Queue*, int)> real_consume_queue{"rd_kafka_consume_queue", kLibrary};
constinit CallerFunction<ssize_t(Topic*, std::int32_t, int, Message**, std::size_t)> real_consume_batch{
    "rd_kafka_consume_batch", kLibrary};
constinit CallerFunction<ssize_t(Queue*, int, Message**, std::size_t)> real_consume_batch_queue{
    "rd_kafka_consume_batch_queue", kLibrary};
constinit CallerFunction<int(Topic*, std::int32_t, int, HostCallback*, void*)> real_consume_callback{
    "rd_kafka_consume_callback", kLibrary};
constinit CallerFunction<int(Queue*, int, HostCallback*, void*)> real_consume_callback_queue{
    "rd_kafka_consume_callback_queue", kLibrary};
constinit CallerFunction<Event*(Queue*, int)> real_queue_poll{"rd_kafka_queue_poll", kLibrary};
constinit CallerFunction<const Message*(Event*)> real_event_message_next{"rd_kafka_event_message_next",
                                                                         kLibrary};
constinit CallerFunction<std::size_t(Event*, const Message**, std::size_t)> real_event_message_array{
    "rd_kafka_event_message_array", kLibrary};

template <typename Entry, typename Count>
std::span<const Message* const> messages_in(Entry* const* array, Count count) {
  return {array, count > 0 ? static_cast<std::size_t>(count) : 0};
}

void note_client(MakeClient* made_by, int type, Client* client) {
  const ErrnoSaver keep;
  const kafka::Api* const api = kafka::api_of(made_by);
  if (api != nullptr) kafka::note_client(client, type, *api);
}

}  // namespace

// A macro, as the builtin speaks of the function that it stands in.
#define LLMO_CALLER __builtin_return_address(0)

extern "C" {

// --- clients and topics ------------------------------------------------------------------------------------

// The client's threads belong to nobody's workflow, whoever makes it.
LLMO_EXPORT Client* rd_kafka_new(int type, kafka::Settings* settings, char* error, std::size_t error_size) {
  auto* const make = real_new.get(LLMO_CALLER);
  if (make == nullptr) return nullptr;
  if (!llmo::span::recording()) return make(type, settings, error, error_size);
  const llmo::span::EnteredContext nobody({}, LLMO_STACK_ADDRESS());
  Client* const client = make(type, settings, error, error_size);
  if (client != nullptr) note_client(make, type, client);
  return client;
}

LLMO_EXPORT void rd_kafka_destroy(Client* client) {
  auto* const destroy = real_destroy.get(LLMO_CALLER);
  kafka::forget_client(client);
  if (destroy != nullptr) destroy(client);
}

LLMO_EXPORT void rd_kafka_destroy_flags(Client* client, int flags) {
  auto* const destroy = real_destroy_flags.get(LLMO_CALLER);
  kafka::forget_client(client);
  if (destroy != nullptr) destroy(client, flags);
}

LLMO_EXPORT Topic* rd_kafka_topic_new(Client* client, const char* name, kafka::TopicSettings* settings) {
  auto* const make = real_topic_new.get(LLMO_CALLER);
  if (make == nullptr) return nullptr;
  Topic* const topic = make(client, name, settings);
  const ErrnoSaver keep;
  if (topic != nullptr && llmo::span::recording()) kafka::note_topic(topic, client);
  return topic;
}

LLMO_EXPORT void rd_kafka_topic_destroy(Topic* topic) {
  auto* const destroy = real_topic_destroy.get(LLMO_CALLER);
  kafka::forget_topic(topic);
  if (destroy != nullptr) destroy(topic);
}

// --- producers ---------------------------------------------------------------------------------------------

LLMO_EXPORT int rd_kafka_produce(Topic* topic, std::int32_t partition, int flags, void* value,
                                 std::size_t size, const void* key, std::size_t key_size, void* opaque) {
  auto* const real = real_produce.get(LLMO_CALLER);
  if (real == nullptr) return -1;
  return kafka::produce(real, topic, partition, flags, value, size, key, key_size, opaque, LLMO_CALL_SITE);
}

LLMO_EXPORT kafka::Error* rd_kafka_produceva(Client* client, const kafka::Argument* list, std::size_t count) {
  auto* const real = real_produceva.get(LLMO_CALLER);
  return real == nullptr ? nullptr : kafka::produce_list(real, client, list, count, LLMO_CALL_SITE);
}

LLMO_EXPORT int rd_kafka_produce_batch(Topic* topic, std::int32_t partition, int flags, Message* messages,
                                       int count) {
  auto* const real = real_produce_batch.get(LLMO_CALLER);
  if (real == nullptr) return 0;
  return kafka::produce_batch(real, topic, partition, flags, messages, count, LLMO_CALL_SITE);
}

// What the hook below is to do: jump to `real`, or return `result` where that is nullptr.
struct LlmoProducevChoice {
  void* real;
  std::int64_t result;
};

// A va_list as System V psABI (AMD64) 3.5.7 lays it out.
struct LlmoArgumentList {
  unsigned general_offset;
  unsigned vector_offset;
  void** overflow_area;
  void** register_area;
};

// `registers` are those of the call's arguments, in their order; `stack` is where the others begin, above the
// return address.
__attribute__((visibility("hidden"))) LlmoProducevChoice llmo_choose_producev(void** registers,
                                                                              void** stack) {
  const CallSite site{stack[-1], reinterpret_cast<llmo::span::Address>(stack)};
  auto* const real = reinterpret_cast<void*>(real_producev.get(site.return_address));
  if (real == nullptr) return {nullptr, kafka::kFailed};
  const LlmoArgumentList parts{8, 48, stack, registers};  // the client is behind us, no vector registers
  va_list arguments;
  static_assert(sizeof arguments == sizeof parts);
  std::memcpy(arguments, &parts, sizeof parts);
  auto* const client = static_cast<Client*>(registers[0]);
  const auto result = kafka::produce_variable(real, client, arguments, site);
  if (!result) return {real, 0};
  return {nullptr, *result};
}

// Takes any number of arguments, so that nothing but a jump hands them on as they are.
LLMO_EXPORT __attribute__((naked)) ErrorCode rd_kafka_producev(Client*, ...) {
  __asm__(
      "endbr64\n\t"
      "pushq %r9\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %r8\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %rcx\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %rdx\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %rsi\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %rdi\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "movq %rsp, %rdi\n\t"
      "leaq 56(%rsp), %rsi\n\t"
      "subq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "call llmo_choose_producev\n\t"
      "movq %rax, %r11\n\t"
      "movq %rdx, %r10\n\t"
      "addq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rdi\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rsi\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rdx\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rcx\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %r8\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %r9\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "movl %r10d, %eax\n\t"
      "testq %r11, %r11\n\t"
      "jz 1f\n\t"
      "xorl %eax, %eax\n\t"  // no argument is in a vector register
      "jmp *%r11\n"
      "1:\n\t"
      "ret\n");
}

// --- consumers ---------------------------------------------------------------------------------------------

LLMO_EXPORT Message* rd_kafka_consumer_poll(Client* client, int timeout) {
  auto* const real = real_consumer_poll.get(LLMO_CALLER);
  if (real == nullptr) return nullptr;
  Receiving receiving(LLMO_CALL_SITE);
  Message* const message = real(client, timeout);
  receiving.got(real, message, client);
  return message;
}

LLMO_EXPORT Message* rd_kafka_consume(Topic* topic, std::int32_t partition, int timeout) {
  auto* const real = real_consume.get(LLMO_CALLER);
  if (real == nullptr) return nullptr;
  Receiving receiving(LLMO_CALL_SITE);
  Message* const message = real(topic, partition, timeout);
  receiving.got(real, message, nullptr);
  return message;
}

LLMO_EXPORT Message* rd_kafka_consume_queue(Queue* queue, int timeout) {
  auto* const real = real_consume_queue.get(LLMO_CALLER);
  if (real == nullptr) return nullptr;
  Receiving receiving(LLMO_CALL_SITE);
  Message* const message = real(queue, timeout);
  receiving.got(real, message, nullptr);
  return message;
}

LLMO_EXPORT ssize_t rd_kafka_consume_batch(Topic* topic, std::int32_t partition, int timeout,
                                           Message** messages, std::size_t size) {
  auto* const real = real_consume_batch.get(LLMO_CALLER);
  if (real == nullptr) return -1;
  Receiving receiving(LLMO_CALL_SITE);
  const ssize_t count = real(topic, partition, timeout, messages, size);
  receiving.got(real, messages_in(messages, count));
  return count;
}

LLMO_EXPORT ssize_t rd_kafka_consume_batch_queue(Queue* queue, int timeout, Message** messages,
                                                 std::size_t size) {
  auto* const real = real_consume_batch_queue.get(LLMO_CALLER);
  if (real == nullptr) return -1;
  Receiving receiving(LLMO_CALL_SITE);
  const ssize_t count = real(queue, timeout, messages, size);
  receiving.got(real, messages_in(messages, count));
  return count;
}

// The callbacks run in these calls, on their thread.
LLMO_EXPORT int rd_kafka_consume_callback(Topic* topic, std::int32_t partition, int timeout,
                                          HostCallback* function, void* opaque) {
  auto* const real = real_consume_callback.get(LLMO_CALLER);
  if (real == nullptr) return -1;
  if (!llmo::span::recording() || function == nullptr)
    return real(topic, partition, timeout, function, opaque);
  const Receiving receiving(LLMO_CALL_SITE);
  kafka::Callback callback{function, opaque, reinterpret_cast<const void*>(real), LLMO_CALL_SITE};
  return real(topic, partition, timeout, kafka::call_back, &callback);
}

LLMO_EXPORT int rd_kafka_consume_callback_queue(Queue* queue, int timeout, HostCallback* function,
                                                void* opaque) {
  auto* const real = real_consume_callback_queue.get(LLMO_CALLER);
  if (real == nullptr) return -1;
  if (!llmo::span::recording() || function == nullptr) return real(queue, timeout, function, opaque);
  const Receiving receiving(LLMO_CALL_SITE);
  kafka::Callback callback{function, opaque, reinterpret_cast<const void*>(real), LLMO_CALL_SITE};
  return real(queue, timeout, kafka::call_back, &callback);
}

// --- events ------------------------------------------------------------------------------------------------

// What an event holds is known when it is taken out: asking for it sooner would change what the program
// finds.
LLMO_EXPORT Event* rd_kafka_queue_poll(Queue* queue, int timeout) {
  auto* const real = real_queue_poll.get(LLMO_CALLER);
  if (real == nullptr) return nullptr;
  const Receiving receiving(LLMO_CALL_SITE);
  return real(queue, timeout);
}

LLMO_EXPORT const Message* rd_kafka_event_message_next(Event* event) {
  auto* const real = real_event_message_next.get(LLMO_CALLER);
  if (real == nullptr) return nullptr;
  Receiving receiving(LLMO_CALL_SITE);
  const Message* const message = real(event);
  if (message != nullptr && receiving.is_fetch(event, real)) receiving.got(real, message, nullptr);
  return message;
}

LLMO_EXPORT std::size_t rd_kafka_event_message_array(Event* event, const Message** messages,
                                                     std::size_t size) {
  auto* const real = real_event_message_array.get(LLMO_CALLER);
  if (real == nullptr) return 0;
  Receiving receiving(LLMO_CALL_SITE);
  const std::size_t count = real(event, messages, size);
  if (count != 0 && receiving.is_fetch(event, real)) receiving.got(real, messages_in(messages, count));
  return count;
}

}  // extern "C"
