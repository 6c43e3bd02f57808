#include "exporters/file/otlp_json_writer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "exporters/span/version.h"

namespace llmo::file {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put_string(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

// 64-bit integers are strings in OTLP JSON: a double would not hold them.
template <typename T>
void put_number_string(Writer& out, T value) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  put_string(out, {text.data(), static_cast<std::size_t>(end - text.data())});
}

void write_hex(std::uint64_t value, char* to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = kDigits[value >> shift & 0xf];
}

void put_span_id(Writer& out, std::uint64_t id) {
  std::array<char, 16> text;
  write_hex(id, text.data());
  put_string(out, {text.data(), text.size()});
}

void put_trace_id(Writer& out, const TraceId& id) {
  std::array<char, 32> text;
  write_hex(id.high, text.data());
  write_hex(id.low, text.data() + 16);
  put_string(out, {text.data(), text.size()});
}

void put_double(Writer& out, double value) {
  if (std::isnan(value)) {
    put_string(out, "NaN");
  } else if (std::isinf(value)) {
    put_string(out, value > 0 ? "Infinity" : "-Infinity");
  } else {
    out.Double(value);
  }
}

struct ValueWriter {
  Writer& out;

  void operator()(const std::string& value) const {
    put_key(out, "stringValue");
    put_string(out, value);
  }
  void operator()(bool value) const {
    put_key(out, "boolValue");
    out.Bool(value);
  }
  void operator()(std::int64_t value) const {
    put_key(out, "intValue");
    put_number_string(out, value);
  }
  void operator()(double value) const {
    put_key(out, "doubleValue");
    put_double(out, value);
  }
  void operator()(const std::vector<std::string>& values) const {
    put_key(out, "arrayValue");
    out.StartObject();
    put_key(out, "values");
    out.StartArray();
    for (const std::string& value : values) {
      out.StartObject();
      (*this)(value);
      out.EndObject();
    }
    out.EndArray();
    out.EndObject();
  }
};

// An empty list is an absent field.
void put_attributes(Writer& out, const std::vector<Attribute>& attributes) {
  if (attributes.empty()) return;
  put_key(out, "attributes");
  out.StartArray();
  for (const Attribute& attribute : attributes) {
    out.StartObject();
    put_key(out, "key");
    put_string(out, attribute.key);
    put_key(out, "value");
    out.StartObject();
    std::visit(ValueWriter{out}, attribute.value);
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
}

void put_events(Writer& out, const std::vector<SpanEvent>& events) {
  if (events.empty()) return;
  put_key(out, "events");
  out.StartArray();
  for (const SpanEvent& event : events) {
    out.StartObject();
    put_key(out, "timeUnixNano");
    put_number_string(out, event.unix_nanos);
    put_key(out, "name");
    put_string(out, event.name);
    put_attributes(out, event.attributes);
    out.EndObject();
  }
  out.EndArray();
}

// Of a span, or of the span that a link leads to.
void put_ids(Writer& out, const TraceId& trace_id, std::uint64_t span_id) {
  put_key(out, "traceId");
  put_trace_id(out, trace_id);
  put_key(out, "spanId");
  put_span_id(out, span_id);
}

void put_link(Writer& out, const SpanLink& link) {
  out.StartObject();
  put_ids(out, link.trace_id, link.span_id);
  if (!link.tracestate.empty()) {
    put_key(out, "traceState");
    put_string(out, link.tracestate);
  }
  put_attributes(out, link.attributes);
  put_key(out, "flags");
  out.Uint(link.flags);
  out.EndObject();
}

void put_links(Writer& out, const std::vector<SpanLink>& links) {
  if (links.empty()) return;
  put_key(out, "links");
  out.StartArray();
  for (const SpanLink& link : links) put_link(out, link);
  out.EndArray();
}

void put_status(Writer& out, const Span& span) {
  put_key(out, "status");
  out.StartObject();
  if (!span.status_message.empty()) {
    put_key(out, "message");
    put_string(out, span.status_message);
  }
  if (span.status != StatusCode::kUnset) {
    put_key(out, "code");
    out.Int(static_cast<int>(span.status));
  }
  out.EndObject();
}

void put_span(Writer& out, const Span& span) {
  out.StartObject();
  put_ids(out, span.trace_id, span.span_id);
  if (span.parent_span_id != 0) {
    put_key(out, "parentSpanId");
    put_span_id(out, span.parent_span_id);
  }
  put_key(out, "flags");
  out.Uint(span.flags);
  put_key(out, "name");
  put_string(out, span.name);
  put_key(out, "kind");
  out.Int(static_cast<int>(span.kind));
  put_key(out, "startTimeUnixNano");
  put_number_string(out, span.start_unix_nanos);
  put_key(out, "endTimeUnixNano");
  put_number_string(out, span.end_unix_nanos);
  put_attributes(out, span.attributes);
  if (span.dropped_attributes != 0) {
    put_key(out, "droppedAttributesCount");
    out.Uint(span.dropped_attributes);
  }
  put_events(out, span.events);
  put_links(out, span.links);
  put_status(out, span);
  out.EndObject();
}

struct Group {
  const Resource* resource;
  std::vector<const Span*> spans;
};

// A session has few processes: a list will do.
std::vector<Group> group_by_resource(std::span<const Span> spans) {
  std::vector<Group> groups;
  for (const Span& span : spans) {
    std::size_t at = 0;
    while (at < groups.size() && groups[at].resource != span.resource.get()) ++at;
    if (at == groups.size()) groups.push_back({span.resource.get(), {}});
    groups[at].spans.push_back(&span);
  }
  return groups;
}

void put_scope(Writer& out) {
  put_key(out, "scope");
  out.StartObject();
  put_key(out, "name");
  put_string(out, kScopeName);
  put_key(out, "version");
  put_string(out, kVersion);
  out.EndObject();
}

void put_group(Writer& out, const Group& group) {
  out.StartObject();
  put_key(out, "resource");
  out.StartObject();
  if (group.resource != nullptr) put_attributes(out, group.resource->attributes);
  out.EndObject();
  put_key(out, "scopeSpans");
  out.StartArray();
  out.StartObject();
  put_scope(out);
  put_key(out, "spans");
  out.StartArray();
  for (const Span* const span : group.spans) put_span(out, *span);
  out.EndArray();
  out.EndObject();
  out.EndArray();
  out.EndObject();
}

}  // namespace

std::string to_otlp_json(std::span<const Span> spans) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  put_key(out, "resourceSpans");
  out.StartArray();
  for (const Group& group : group_by_resource(spans)) put_group(out, group);
  out.EndArray();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace llmo::file
