// The field numbers below are those of opentelemetry-proto 1.x: trace/v1/trace.proto, common/v1/common.proto,
// resource/v1/resource.proto, collector/trace/v1/trace_service.proto.
#include "exporters/otlp/protobuf_writer.h"

#include <protozero/pbf_builder.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/otlp/attribute_writer.h"
#include "exporters/otlp/wire.h"
#include "exporters/span/resource_groups.h"
#include "exporters/span/version.h"
#include "exporters/span/written_lists.h"

namespace llmo::otlp {
namespace {

template <typename Field>
using Message = protozero::pbf_builder<Field>;

enum class RequestField : protozero::pbf_tag_type { kResourceSpans = 1 };
enum class ResourceSpansField : protozero::pbf_tag_type { kResource = 1, kScopeSpans = 2 };
enum class ResourceField : protozero::pbf_tag_type { kAttributes = 1 };
enum class ScopeSpansField : protozero::pbf_tag_type { kScope = 1, kSpans = 2 };
enum class ScopeField : protozero::pbf_tag_type { kName = 1, kVersion = 2, kAttributes = 3 };

enum class SpanField : protozero::pbf_tag_type {
  kTraceId = 1,
  kSpanId = 2,
  kTraceState = 3,
  kParentSpanId = 4,
  kName = 5,
  kKind = 6,
  kStart = 7,
  kEnd = 8,
  kAttributes = 9,
  kDroppedAttributes = 10,
  kEvents = 11,
  kDroppedEvents = 12,
  kLinks = 13,
  kDroppedLinks = 14,
  kStatus = 15,
  kFlags = 16
};

enum class EventField : protozero::pbf_tag_type {
  kTime = 1,
  kName = 2,
  kAttributes = 3,
  kDroppedAttributes = 4
};

enum class LinkField : protozero::pbf_tag_type {
  kTraceId = 1,
  kSpanId = 2,
  kTraceState = 3,
  kAttributes = 4,
  kDroppedAttributes = 5,
  kFlags = 6
};

enum class StatusField : protozero::pbf_tag_type { kMessage = 2, kCode = 3 };

void put_big_endian(std::uint64_t number, char* to) {
  for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<char>(number >> shift & 0xff);
}

template <typename Field>
void add_trace_id(Message<Field>& out, const TraceId& id) {
  std::array<char, 16> bytes;
  put_big_endian(id.high, bytes.data());
  put_big_endian(id.low, bytes.data() + 8);
  out.add_bytes(Field::kTraceId, bytes.data(), bytes.size());
}

template <typename Field>
void add_span_id(Message<Field>& out, Field field, std::uint64_t id) {
  std::array<char, 8> bytes;
  put_big_endian(id, bytes.data());
  out.add_bytes(field, bytes.data(), bytes.size());
}

template <typename Field>
void add_text(Message<Field>& out, Field field, std::string_view text) {
  out.add_string(field, text.data(), text.size());
}

// To the fields of a message that stand at the end of `bytes`.
template <typename Field, typename Attributes>
void add_attributes(std::string& bytes, Field field, const Attributes& attributes) {
  for (const Attribute& attribute : attributes) {
    add_attribute(bytes, static_cast<protozero::pbf_tag_type>(field), attribute);
  }
}

// Zero is an absent field.
template <typename Field>
void add_dropped(Message<Field>& out, Field field, std::uint32_t count) {
  if (count != 0) out.add_uint32(field, count);
}

// Messages in a message are written by themselves first: the size stands before them.
void add_event(Message<SpanField>& span, const SpanEvent& event) {
  std::string bytes;
  Message<EventField> out(bytes);
  out.add_fixed64(EventField::kTime, event.unix_nanos);
  add_text(out, EventField::kName, event.name);
  add_attributes(bytes, EventField::kAttributes, event.attributes);
  add_dropped(out, EventField::kDroppedAttributes, event.dropped_attributes);
  span.add_message(SpanField::kEvents, bytes);
}

void add_link(Message<SpanField>& span, const SpanLink& link) {
  std::string bytes;
  Message<LinkField> out(bytes);
  add_trace_id(out, link.trace_id);
  add_span_id(out, LinkField::kSpanId, link.span_id);
  if (!link.tracestate.empty()) add_text(out, LinkField::kTraceState, link.tracestate);
  add_attributes(bytes, LinkField::kAttributes, link.attributes);
  add_dropped(out, LinkField::kDroppedAttributes, link.dropped_attributes);
  out.add_fixed32(LinkField::kFlags, link.flags);
  span.add_message(SpanField::kLinks, bytes);
}

void add_status(Message<SpanField>& span, const Span& from) {
  if (from.status == StatusCode::kUnset && from.status_message.empty()) return;
  Message<StatusField> out(span, SpanField::kStatus);
  if (!from.status_message.empty()) add_text(out, StatusField::kMessage, from.status_message);
  if (from.status != StatusCode::kUnset) out.add_enum(StatusField::kCode, static_cast<int>(from.status));
}

class RequestWriter {
 public:
  explicit RequestWriter(std::string& out) : out_(out) {}

  void add(const ResourceGroup& group) {
    resource_.clear();
    if (group.resource != nullptr) {
      add_attributes(resource_, ResourceField::kAttributes, group.resource->attributes);
    }
    scope_spans_.clear();
    scope_spans_.reserve(group.spans.size() * kUsualSpan);
    add_scope(group.scope);
    for (const Span* const span : group.spans) add_span(*span);

    add_group();
  }

 private:
  static constexpr std::size_t kUsualSpan = 512;  // bytes; room for more is made where it is needed

  void add_scope(const Scope* scope) {
    std::string bytes;
    Message<ScopeField> out(bytes);
    add_text(out, ScopeField::kName, scope == nullptr ? std::string_view(kScopeName) : scope->name);
    add_text(out, ScopeField::kVersion, scope == nullptr ? std::string_view(kVersion) : scope->version);
    if (scope != nullptr) add_attributes(bytes, ScopeField::kAttributes, scope->attributes);
    Message<ScopeSpansField>(scope_spans_).add_message(ScopeSpansField::kScope, bytes);
  }

  void add_span(const Span& span) {
    span_.clear();
    Message<SpanField> out(span_);
    add_trace_id(out, span.trace_id);
    add_span_id(out, SpanField::kSpanId, span.span_id);
    if (!span.tracestate.empty()) add_text(out, SpanField::kTraceState, span.tracestate);
    if (span.parent_span_id != 0) add_span_id(out, SpanField::kParentSpanId, span.parent_span_id);
    add_text(out, SpanField::kName, span.name);
    out.add_enum(SpanField::kKind, static_cast<int>(span.kind));
    out.add_fixed64(SpanField::kStart, span.start_unix_nanos);
    out.add_fixed64(SpanField::kEnd, span.end_unix_nanos);
    add_span_attributes(span.attributes);
    add_dropped(out, SpanField::kDroppedAttributes, span.dropped_attributes);
    for (const SpanEvent& event : span.events) add_event(out, event);
    add_dropped(out, SpanField::kDroppedEvents, span.dropped_events);
    for (const SpanLink& link : span.links) add_link(out, link);
    add_dropped(out, SpanField::kDroppedLinks, span.dropped_links);
    add_status(out, span);
    out.add_fixed32(SpanField::kFlags, span.flags);
    Message<ScopeSpansField>(scope_spans_).add_message(ScopeSpansField::kSpans, span_);
  }

  void add_span_attributes(const AttributeList& attributes) {
    if (attributes.shared() != nullptr) {
      span_ += lists_.bytes_of(attributes.shared(), [](const auto& list, std::string& bytes) {
        add_attributes(bytes, SpanField::kAttributes, list);
      });
    }
    add_attributes(span_, SpanField::kAttributes, attributes.own());
  }

  // The one message that is large: its size is told beforehand, so that it is copied once and never moved.
  void add_group() {
    constexpr auto kField = static_cast<protozero::pbf_tag_type>(RequestField::kResourceSpans);
    protozero::pbf_writer request(out_);
    protozero::pbf_writer fields(request, kField,
                                 wire::field_size(resource_.size()) + wire::field_size(scope_spans_.size()));
    fields.add_message(static_cast<protozero::pbf_tag_type>(ResourceSpansField::kResource), resource_);
    fields.add_message(static_cast<protozero::pbf_tag_type>(ResourceSpansField::kScopeSpans), scope_spans_);
  }

  std::string& out_;
  std::string resource_;
  std::string scope_spans_;
  std::string span_;
  WrittenLists lists_;
};

}  // namespace

void append_otlp_protobuf(std::span<const Span> spans, std::string& out) {
  RequestWriter writer(out);
  for (const ResourceGroup& group : group_by_resource(spans)) writer.add(group);
}

}  // namespace llmo::otlp
