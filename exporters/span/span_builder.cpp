#include "exporters/span/span_builder.h"

#include <algorithm>
#include <utility>

#include "exporters/span/attributes.h"
#include "exporters/span/content.h"
#include "exporters/span/ending.h"
#include "exporters/span/exception_type.h"
#include "exporters/span/prices.h"
#include "exporters/span/resource.h"
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

void add_position(const SourcePosition& position, std::vector<Attribute>& attributes) {
  if (position.file.empty()) return;
  set_attribute(attributes, "code.file.path", valid_utf8(position.file));
  if (position.line != 0) set_attribute(attributes, "code.line.number", std::int64_t{position.line});
}

void add_common_attributes(const RawSpanBase& raw, Span& span) {
  if (raw.tid != 0) set_attribute(span.attributes, "thread.id", std::int64_t{raw.tid});
  if (!raw.thread_name.empty()) set_attribute(span.attributes, "thread.name", valid_utf8(raw.thread_name));
  describe_ending(raw, span);
}

const std::string* text_of(const std::vector<Attribute>& attributes, std::string_view key) {
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
      code_(tools.code),
      prices_(tools.prices),
      stacks_(definitions, tools.code, tools.workflows) {}

Span SpanBuilder::build(const RawCall& call) {
  Span span = begin(call);
  const FunctionFacts& facts = facts_of(call.function);
  span.name = facts.span_name;
  span.attributes.reserve(facts.attributes.size() + 3);
  span.attributes = facts.attributes;
  add_recorded(call, span);
  take_error_message(span);
  add_common_attributes(call, span);
  return span;
}

Span SpanBuilder::build(const RawSpan& raw) {
  Span span = begin(raw);
  span.name = raw.name.empty() ? "unnamed" : valid_utf8(raw.name);
  span.kind = static_cast<SpanKind>(raw.kind);
  span.status_message = valid_utf8(raw.status_message);
  add_recorded(raw, span);
  convert_content(span.attributes);
  add_cost(span.attributes, *prices_);
  add_common_attributes(raw, span);
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

void SpanBuilder::add_recorded(const RawSpanBase& raw, Span& span) {
  if (raw.attributes.empty()) return;
  SpanAttributes recorded = read_attributes(raw.attributes);
  span.dropped_attributes = recorded.dropped;
  if (span.attributes.empty()) {
    span.attributes = std::move(recorded.plain);
  } else {
    for (Attribute& attribute : recorded.plain) {
      set_attribute(span.attributes, std::move(attribute.key), std::move(attribute.value));
    }
  }
  for (const StackAttribute& stack : recorded.stacks) add_stack(stack, span.attributes);
  for (EventAttribute& event : recorded.events) add_event(std::move(event), raw, span);
  for (LinkAttribute& link : recorded.links) span.links.push_back(link_of(std::move(link)));
  add_running_time(raw, span);
}

// The stack of an API call says where in the program it was made; any other is text.
void SpanBuilder::add_stack(const StackAttribute& stack, std::vector<Attribute>& attributes) {
  const NamedStack& named = stacks_.name(stack.addresses);
  if (stack.key != kCallStack) {
    if (!named.text.empty()) set_attribute(attributes, stack.key, named.text);
    return;
  }
  if (!named.text.empty()) set_attribute(attributes, "code.stacktrace", named.text);
  const CodeFrame& site = named.call_site;
  if (!site.function.empty()) set_attribute(attributes, "code.function.name", valid_utf8(site.function));
  add_position(site.position, attributes);
  if (!named.caller_workflow.empty()) {
    set_attribute(attributes, "llmobserve.caller_workflow", named.caller_workflow);
  }
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
  std::erase_if(span.attributes, [&](const Attribute& attribute) { return attribute.key == kTicks; });
  set_attribute(span.attributes, "llmobserve.coroutine.running_seconds", seconds(running));
  set_attribute(span.attributes, "llmobserve.coroutine.suspended_seconds", seconds(suspended));
}

const SpanBuilder::FunctionFacts& SpanBuilder::facts_of(std::uint32_t function) {
  if (const auto known = functions_.find(function); known != functions_.end()) return known->second;
  const FunctionDefinition* const definition = definitions_.function(function);
  // Not remembered: its definition may still come.
  if (definition == nullptr) return unknown_function_;
  return functions_.emplace(function, make_facts(*definition)).first->second;
}

SpanBuilder::FunctionFacts SpanBuilder::make_facts(const FunctionDefinition& definition) const {
  FunctionFacts facts;
  const std::string name = valid_utf8(definition.name);
  facts.span_name = "workflow." + (name.empty() ? "unknown" : name);
  if (!name.empty()) set_attribute(facts.attributes, "code.function.name", name);

  const ModuleDefinition* const module = definitions_.module(definition.module);
  if (module == nullptr) return facts;
  set_attribute(facts.attributes, "llmobserve.module", valid_utf8(file_name(module->path)));
  const auto position = code_ == nullptr ? std::nullopt : code_->declared_at(*module, definition.address);
  if (position) add_position(*position, facts.attributes);
  return facts;
}

}  // namespace llmo
