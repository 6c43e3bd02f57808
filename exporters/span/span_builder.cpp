#include "exporters/span/span_builder.h"

#include <algorithm>
#include <utility>

#include "exporters/span/attributes.h"
#include "exporters/span/content.h"
#include "exporters/span/ending.h"
#include "exporters/span/exception_type.h"
#include "exporters/span/prices.h"
#include "exporters/span/utf8.h"

namespace llmo {
namespace {

// OTLP's Span.flags: bits 0-7 are the W3C trace flags, bit 8 says that bit 9 is known, bit 9 that the parent
// is remote.
constexpr std::uint32_t kRemoteKnown = 0x100;
constexpr std::uint32_t kRemote = 0x200;

std::uint32_t otlp_flags(std::uint32_t flags) {
  const std::uint32_t remote = (flags & journal::kFlagParentRemote) != 0 ? kRemote : 0;
  return (flags & journal::kTraceFlagsMask) | kRemoteKnown | remote;
}

SpanLink link_of(LinkAttribute&& recorded) {
  const journal::Link& link = recorded.link;
  return {{link.trace.high, link.trace.low},
          link.span_id,
          std::move(recorded.tracestate),
          std::move(recorded.attributes.plain),
          otlp_flags(link.flags)};
}

double seconds(std::uint64_t nanos) { return static_cast<double>(nanos) / 1e9; }

// What the host calls the return addresses beneath an API call.
constexpr std::string_view kCallStack = "llmobserve.call_stack";

const std::string* text_of(const AttributeList& attributes, std::string_view key) {
  const AttributeValue* const value = find_attribute(attributes, key);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

// The type comes as the compiler wrote it. Where the exception is why the span failed, the span says so too:
// not every view shows events.
void finish_exception(const RawSpanBase& raw, SpanEvent& event, Span& span) {
  if (const std::string* const type = text_of(event.attributes, "exception.type")) {
    set_attribute(event.attributes, "exception.type", exception_type_name(*type));
  }
  const bool escaped = span.status == StatusCode::kError || raw.end_kind == journal::EndKind::kTerminate;
  if (!escaped) return;
  if (find_attribute(event.attributes, "exception.escaped") == nullptr) {
    set_attribute(event.attributes, "exception.escaped", true);
  }
  const std::string* const type = text_of(event.attributes, "exception.type");
  if (type != nullptr && find_attribute(span.attributes, "error.type") == nullptr) {
    set_attribute(span.attributes, "error.type", *type);
  }
  const std::string* const message = text_of(event.attributes, "exception.message");
  if (message != nullptr && span.status_message.empty()) span.status_message = *message;
}

// The record of a call has no room for a status message.
void take_error_message(Span& span) {
  if (span.status != StatusCode::kError || !span.status_message.empty()) return;
  if (const std::string* const message = text_of(span.attributes, "error.message")) {
    span.status_message = *message;
  }
}

}  // namespace

SpanBuilder::SpanBuilder(const Definitions& definitions, const TickClock& clock,
                         std::shared_ptr<const Resource> resource, const BuilderTools& tools)
    : definitions_(definitions),
      clock_(clock),
      resource_(std::move(resource)),
      prices_(tools.prices),
      facts_(definitions, tools.code),
      stacks_(definitions, tools.code, tools.workflows) {}

Span SpanBuilder::build(const RawCall& call) {
  const CallFacts& facts = facts_.of_call(call.function, call.tid, call.thread_name);
  Span span = begin(call);
  span.name = facts.span_name;
  add_recorded(call, facts.attributes, span);
  take_error_message(span);
  describe_ending(call, span);
  return span;
}

Span SpanBuilder::build(const RawSpan& raw) {
  Span span = begin(raw);
  span.name = raw.name.empty() ? "unnamed" : valid_utf8(raw.name);
  span.kind = static_cast<SpanKind>(raw.kind);
  span.status_message = valid_utf8(raw.status_message);
  add_recorded(raw, facts_.of_thread(raw.tid, raw.thread_name), span);
  convert_content(span.attributes);
  add_cost(span.attributes, *prices_);
  describe_ending(raw, span);
  return span;
}

Span SpanBuilder::begin(const RawSpanBase& raw) const {
  Span span;
  span.trace_id = {raw.trace.high, raw.trace.low};
  span.span_id = raw.span_id;
  span.parent_span_id = raw.parent_span_id;
  span.start_unix_nanos = clock_.unix_nanos(raw.start_ticks);
  span.end_unix_nanos = std::max(span.start_unix_nanos, clock_.unix_nanos(raw.end_ticks));
  span.status = static_cast<StatusCode>(raw.status);
  span.flags = otlp_flags(raw.flags);
  span.resource = resource_;
  return span;
}

void SpanBuilder::add_recorded(const RawSpanBase& raw, AttributeList::Shared shared, Span& span) {
  if (raw.attributes.empty()) {
    span.attributes = AttributeList(std::move(shared));
    return;
  }
  SpanAttributes recorded = read_attributes(raw.attributes, std::move(shared));
  span.dropped_attributes = recorded.dropped;
  span.attributes = std::move(recorded.plain);
  for (const StackAttribute& stack : recorded.stacks) add_stack(stack, span.attributes);
  for (EventAttribute& event : recorded.events) add_event(std::move(event), raw, span);
  for (LinkAttribute& link : recorded.links) span.links.push_back(link_of(std::move(link)));
  add_running_time(raw, span);
}

// The stack of an API call says where in the program it was made; any other is text.
void SpanBuilder::add_stack(const StackAttribute& stack, AttributeList& attributes) {
  const NamedStack& named = stacks_.name(stack.addresses);
  if (stack.key != kCallStack) {
    if (!named.text.empty()) set_attribute(attributes, stack.key, named.text);
    return;
  }
  for (const Attribute& attribute : named.attributes) attributes.set(attribute.key, attribute.value);
}

void SpanBuilder::add_event(EventAttribute&& recorded, const RawSpanBase& raw, Span& span) {
  SpanEvent event{clock_.unix_nanos(recorded.ticks), std::move(recorded.name),
                  std::move(recorded.attributes.plain)};
  span.dropped_attributes += recorded.attributes.dropped;
  for (const StackAttribute& stack : recorded.attributes.stacks) add_stack(stack, event.attributes);
  if (event.name == "exception") finish_exception(raw, event, span);
  span.events.push_back(std::move(event));
}

// The host counts in ticks.
void SpanBuilder::add_running_time(const RawSpanBase& raw, Span& span) const {
  constexpr std::string_view kTicks = "llmobserve.coroutine.running_ticks";
  const AttributeValue* const found = find_attribute(span.attributes, kTicks);
  const auto* const ticks = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
  if (ticks == nullptr) return;
  const auto running =
      *ticks > 0 ? clock_.duration_nanos(raw.start_ticks, static_cast<std::uint64_t>(*ticks)) : 0;
  const std::uint64_t whole = span.end_unix_nanos - span.start_unix_nanos;
  const std::uint64_t suspended = whole - std::min(whole, running);
  span.attributes.erase(kTicks);
  set_attribute(span.attributes, "llmobserve.coroutine.running_seconds", seconds(running));
  set_attribute(span.attributes, "llmobserve.coroutine.suspended_seconds", seconds(suspended));
}

}  // namespace llmo
