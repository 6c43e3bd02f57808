#include "shim/messaging/kafka_receive.h"

#include <algorithm>
#include <utility>

#include "shim/messaging/kafka_clients.h"
#include "shim/messaging/kafka_facts.h"
#include "shim/messaging/link.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/span/current.h"
#include "shim/span/detached_span.h"
#include "shim/span/entered_context.h"
#include "shim/span/exceptions.h"
#include "shim/span/thread_end.h"
#include "shim/span/tracer.h"

namespace llmo::messaging::kafka {

namespace {

using journal::SpanDraft;

// The last one counts, where a header is there several times. What is no text is none that can be read.
std::string_view header_of(const Api& api, const Headers* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (api.header_get_last(headers, name, &value, &size) != kNoError || value == nullptr) return {};
  return {static_cast<const char*>(value), size};
}

// librdkafka parses the headers when they are first asked for, and keeps them with the message.
CarriedContext carried_by(const Api& api, const Message& message) {
  Headers* headers = nullptr;
  if (api.message_headers == nullptr || api.header_get_last == nullptr ||
      api.message_headers(&message, &headers) != kNoError) {
    return {};
  }
  return {header_of(api, headers, "traceparent"), header_of(api, headers, "tracestate")};
}

bool is_message(const Message* message) { return message != nullptr && message->err == kNoError; }

// The topic of all messages; empty where there are several. A client has one handle for each.
std::string_view common_topic(const Api& api, std::span<const Message* const> messages) {
  const Topic* topic = nullptr;
  for (const Message* const message : messages) {
    if (!is_message(message)) continue;
    if (topic != nullptr && message->rkt != topic) return {};
    topic = message->rkt;
  }
  return api.name_of(topic);
}

}  // namespace

bool Receiving::is_fetch(const Event* event, const void* real) const {
  const platform::ErrnoSaver keep;
  const Api* const api = api_for(real);
  return api != nullptr && api->event_type != nullptr && api->event_type(event) == kFetchEvent;
}

const Api* Receiving::api_for(const void* real) const {
  return comes_from_library(site_, real) ? nullptr : api_of(real);
}

void Receiving::link_to(const Api& api, const Message& message) {
  SpanDraft facts;
  describe_link(message, &facts);
  received_.add(carried_by(api, message), facts);
}

void Receiving::tell(const void* real, const Message& message, const Client* client) {
  const platform::ErrnoSaver keep;
  const Api* const api = api_for(real);
  if (api == nullptr) return;
  link_to(*api, message);
  SpanDraft facts;
  const std::string_view group = client == nullptr ? std::string_view() : group_of(client);
  describe_received(Receipt::kPoll, message, api->name_of(message.rkt), group, &facts);
  received_.publish(facts);
}

void Receiving::tell_batch(const void* real, std::span<const Message* const> messages) {
  const platform::ErrnoSaver keep;
  const Api* const api = api_for(real);
  const auto count = std::ranges::count_if(messages, is_message);
  if (api == nullptr || count == 0) return;
  for (const Message* const message : messages) {
    if (is_message(message) && received_.count() < kMaxLinks) link_to(*api, *message);
  }
  SpanDraft facts;
  describe_received_batch(common_topic(*api, messages), count, &facts);
  received_.publish(facts);
}

namespace {

span::DetachedSpan open_process_span(const Callback& callback, const Message& message,
                                     span::Address stack_address) {
  const platform::ErrnoSaver keep;
  const Api* const api = api_of(callback.real);
  if (api == nullptr) return {};
  SpanDraft facts;
  describe_received(Receipt::kProcess, message, api->name_of(message.rkt), {}, &facts);
  const CarriedContext carried = carried_by(*api, message);
  if (const auto sender = span::parse_traceparent(carried.traceparent)) {
    SpanDraft link;
    describe_link(message, &link);
    facts.add_link("message", messaging::link_to(*sender), kept_tracestate(carried.tracestate), link);
  }
  return span::DetachedSpan::open(span::current_context(stack_address), journal::SpanKind::kConsumer, facts);
}

// The span of a callback, which may be left by an exception of the host's, through the library, or by the
// thread's end.
class Process {
 public:
  explicit Process(span::DetachedSpan span) : span_(std::move(span)) {}
  ~Process() {
    if (span_.is_open()) left_by_unwinding();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  span::SpanContext context() const { return span_.context(); }
  void close() { span_.close(journal::EndKind::kReturned); }

 private:
  void left_by_unwinding() {
    const platform::ErrnoSaver keep;
    span::ThreadState& thread = span::thread_state;
    const span::SlowSection section(thread);
    const journal::EndKind end = span::how_thread_unwinds(thread);
    const bool is_thrown = end == journal::EndKind::kUnwound;
    if (is_thrown && !span::add_exception_on_its_way(thread, span_.draft()))
      span_.draft().set_status(journal::SpanStatus::kError);
    span_.close(is_thrown ? journal::EndKind::kException : end);
  }

  span::DetachedSpan span_;
};

}  // namespace

void call_back(Message* message, void* callback) {
  const Callback& host = *static_cast<const Callback*>(callback);
  if (!span::recording() || !is_message(message)) return host.function(message, host.opaque);
  span::DetachedSpan span = open_process_span(host, *message, LLMO_STACK_ADDRESS());
  if (!span.is_open()) return host.function(message, host.opaque);
  Process process(std::move(span));
  const span::EnteredContext entered({process.context(), nullptr}, LLMO_STACK_ADDRESS());
  host.function(message, host.opaque);
  process.close();
}

}  // namespace llmo::messaging::kafka
