#include "exporters/file/otlp_json_writer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/span/json_values.h"
#include "exporters/span/resource_groups.h"
#include "exporters/span/version.h"
#include "exporters/span/written_lists.h"

namespace llmo::file {
namespace {

// RapidJSON looks at each character of a string. Most of what is written here needs no look.
class Writer : public rapidjson::Writer<rapidjson::StringBuffer> {
 public:
  explicit Writer(rapidjson::StringBuffer& buffer) : rapidjson::Writer<rapidjson::StringBuffer>(buffer) {}

  // A string in which nothing has to be escaped.
  void plain_string(std::string_view text) {
    Prefix(rapidjson::kStringType);
    char* const to = os_->Push(text.size() + 2);
    to[0] = '"';
    std::memcpy(to + 1, text.data(), text.size());
    to[text.size() + 1] = '"';
  }

  // Elements of an array that are JSON already, with the commas between them; at least one.
  void elements(std::string_view json) {
    Prefix(rapidjson::kObjectType);
    std::memcpy(os_->Push(json.size()), json.data(), json.size());
  }
};

// All keys are our own.
void put_key(Writer& out, std::string_view key) { out.plain_string(key); }

// 64-bit integers are strings in OTLP JSON: a double would not hold them.
template <typename T>
void put_number_string(Writer& out, T value) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.plain_string({text.data(), static_cast<std::size_t>(end - text.data())});
}

void write_hex(std::uint64_t value, char* to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = kDigits[value >> shift & 0xf];
}

void put_span_id(Writer& out, std::uint64_t id) {
  std::array<char, 16> text;
  write_hex(id, text.data());
  out.plain_string({text.data(), text.size()});
}

void put_trace_id(Writer& out, const TraceId& id) {
  std::array<char, 32> text;
  write_hex(id.high, text.data());
  write_hex(id.low, text.data() + 16);
  out.plain_string({text.data(), text.size()});
}

struct ValueWriter {
  Writer& out;

  void operator()(const std::string& value) const {
    put_key(out, "stringValue");
    put_text(out, value);
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

void put_attribute(Writer& out, const Attribute& attribute) {
  out.StartObject();
  put_key(out, "key");
  put_text(out, attribute.key);
  put_key(out, "value");
  out.StartObject();
  std::visit(ValueWriter{out}, attribute.value);
  out.EndObject();
  out.EndObject();
}

// The elements of an array, without its brackets.
void write_elements(const std::vector<Attribute>& list, std::string& bytes) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartArray();
  for (const Attribute& attribute : list) put_attribute(out, attribute);
  out.EndArray();
  bytes.append(buffer.GetString() + 1, buffer.GetSize() - 2);
}

// An empty list is an absent field.
void put_attributes(Writer& out, const AttributeList& attributes, WrittenLists& lists) {
  if (attributes.empty()) return;
  put_key(out, "attributes");
  out.StartArray();
  if (attributes.shared() != nullptr && !attributes.shared()->empty()) {
    out.elements(lists.bytes_of(attributes.shared(), write_elements));
  }
  for (const Attribute& attribute : attributes.own()) put_attribute(out, attribute);
  out.EndArray();
}

// Zero is an absent field.
void put_dropped(Writer& out, std::string_view key, std::uint32_t count) {
  if (count == 0) return;
  put_key(out, key);
  out.Uint(count);
}

void put_events(Writer& out, const std::vector<SpanEvent>& events, WrittenLists& lists) {
  if (events.empty()) return;
  put_key(out, "events");
  out.StartArray();
  for (const SpanEvent& event : events) {
    out.StartObject();
    put_key(out, "timeUnixNano");
    put_number_string(out, event.unix_nanos);
    put_key(out, "name");
    put_text(out, event.name);
    put_attributes(out, event.attributes, lists);
    put_dropped(out, "droppedAttributesCount", event.dropped_attributes);
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

void put_link(Writer& out, const SpanLink& link, WrittenLists& lists) {
  out.StartObject();
  put_ids(out, link.trace_id, link.span_id);
  if (!link.tracestate.empty()) {
    put_key(out, "traceState");
    put_text(out, link.tracestate);
  }
  put_attributes(out, link.attributes, lists);
  put_dropped(out, "droppedAttributesCount", link.dropped_attributes);
  put_key(out, "flags");
  out.Uint(link.flags);
  out.EndObject();
}

void put_links(Writer& out, const std::vector<SpanLink>& links, WrittenLists& lists) {
  if (links.empty()) return;
  put_key(out, "links");
  out.StartArray();
  for (const SpanLink& link : links) put_link(out, link, lists);
  out.EndArray();
}

void put_status(Writer& out, const Span& span) {
  put_key(out, "status");
  out.StartObject();
  if (!span.status_message.empty()) {
    put_key(out, "message");
    put_text(out, span.status_message);
  }
  if (span.status != StatusCode::kUnset) {
    put_key(out, "code");
    out.Int(static_cast<int>(span.status));
  }
  out.EndObject();
}

void put_span(Writer& out, const Span& span, WrittenLists& lists) {
  out.StartObject();
  put_ids(out, span.trace_id, span.span_id);
  if (!span.tracestate.empty()) {
    put_key(out, "traceState");
    put_text(out, span.tracestate);
  }
  if (span.parent_span_id != 0) {
    put_key(out, "parentSpanId");
    put_span_id(out, span.parent_span_id);
  }
  put_key(out, "flags");
  out.Uint(span.flags);
  put_key(out, "name");
  put_text(out, span.name);
  put_key(out, "kind");
  out.Int(static_cast<int>(span.kind));
  put_key(out, "startTimeUnixNano");
  put_number_string(out, span.start_unix_nanos);
  put_key(out, "endTimeUnixNano");
  put_number_string(out, span.end_unix_nanos);
  put_attributes(out, span.attributes, lists);
  put_dropped(out, "droppedAttributesCount", span.dropped_attributes);
  put_events(out, span.events, lists);
  put_dropped(out, "droppedEventsCount", span.dropped_events);
  put_links(out, span.links, lists);
  put_dropped(out, "droppedLinksCount", span.dropped_links);
  put_status(out, span);
  out.EndObject();
}

void put_scope(Writer& out, const Scope* scope, WrittenLists& lists) {
  put_key(out, "scope");
  out.StartObject();
  put_key(out, "name");
  put_text(out, scope == nullptr ? std::string_view(kScopeName) : scope->name);
  put_key(out, "version");
  put_text(out, scope == nullptr ? std::string_view(kVersion) : scope->version);
  if (scope != nullptr) put_attributes(out, scope->attributes, lists);
  out.EndObject();
}

void put_group(Writer& out, const ResourceGroup& group, WrittenLists& lists) {
  out.StartObject();
  put_key(out, "resource");
  out.StartObject();
  if (group.resource != nullptr) put_attributes(out, group.resource->attributes, lists);
  out.EndObject();
  put_key(out, "scopeSpans");
  out.StartArray();
  out.StartObject();
  put_scope(out, group.scope, lists);
  put_key(out, "spans");
  out.StartArray();
  for (const Span* const span : group.spans) put_span(out, *span, lists);
  out.EndArray();
  out.EndObject();
  out.EndArray();
  out.EndObject();
}

}  // namespace

std::string to_otlp_json(std::span<const Span> spans) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  WrittenLists lists;
  out.StartObject();
  put_key(out, "resourceSpans");
  out.StartArray();
  for (const ResourceGroup& group : group_by_resource(spans)) put_group(out, group, lists);
  out.EndArray();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace llmo::file
