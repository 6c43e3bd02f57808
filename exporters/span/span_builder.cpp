#include "exporters/span/span_builder.h"

#include <algorithm>
#include <utility>

#include "exporters/span/attributes.h"
#include "exporters/span/content.h"
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

}  // namespace

std::string_view end_name(journal::EndKind kind) {
  switch (kind) {
    case journal::EndKind::kReturned:
      return {};
    case journal::EndKind::kUnwound:
      return "unwound";
    case journal::EndKind::kThreadExit:
      return "thread_exit";
    case journal::EndKind::kProcessExit:
      return "process_exit";
    case journal::EndKind::kKilled:
      return "killed";
    case journal::EndKind::kCancelled:
      return "cancelled";
  }
  return {};
}

SpanBuilder::SpanBuilder(const Definitions& definitions, const TickClock& clock,
                         std::shared_ptr<const Resource> resource, SourceLookup source_lookup,
                         std::shared_ptr<const PriceTable> prices)
    : definitions_(definitions),
      clock_(clock),
      resource_(std::move(resource)),
      source_lookup_(std::move(source_lookup)),
      prices_(std::move(prices)) {}

Span SpanBuilder::build(const RawCall& call) {
  Span span = begin(call);
  const FunctionFacts& facts = facts_of(call.function);
  span.name = facts.span_name;
  span.attributes.reserve(facts.attributes.size() + 3);
  span.attributes = facts.attributes;
  add_common_attributes(call, span);
  return span;
}

Span SpanBuilder::build(const RawSpan& raw) const {
  Span span = begin(raw);
  span.name = raw.name.empty() ? "unnamed" : valid_utf8(raw.name);
  span.kind = static_cast<SpanKind>(raw.kind);
  span.status = static_cast<StatusCode>(raw.status);
  span.status_message = valid_utf8(raw.status_message);
  span.dropped_attributes = append_attributes(raw.attributes, span.attributes);
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
  span.flags = otlp_flags(raw.flags);
  span.resource = resource_;
  return span;
}

void SpanBuilder::add_common_attributes(const RawSpanBase& raw, Span& span) const {
  if (raw.tid != 0) set_attribute(span.attributes, "thread.id", std::int64_t{raw.tid});
  if (!raw.thread_name.empty()) set_attribute(span.attributes, "thread.name", valid_utf8(raw.thread_name));
  const std::string_view end = end_name(raw.end_kind);
  if (!end.empty()) set_attribute(span.attributes, "llmobserve.end", std::string(end));
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
  const auto position = source_lookup_ ? source_lookup_(*module, definition.address) : std::nullopt;
  if (!position) return facts;
  set_attribute(facts.attributes, "code.file.path", valid_utf8(position->file));
  if (position->line != 0) {
    set_attribute(facts.attributes, "code.line.number", std::int64_t{position->line});
  }
  return facts;
}

}  // namespace llmo
