#include "exporters/clickhouse/row_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <variant>
#include <vector>

#include "exporters/span/hex_id.h"
#include "exporters/span/json_values.h"
#include "exporters/span/version.h"

namespace llmo::clickhouse {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

void put(Json& out, std::string_view key, std::string_view text) {
  put_key(out, key);
  put_text(out, text);
}

// DateTime64(9) ends in 2262, where 63 bits of nanoseconds do.
std::string decimal_seconds(std::uint64_t unix_nanos) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t nanos = std::min(unix_nanos, kLast);
  return fmt::format("{}.{:09}", nanos / kNanosPerSecond, nanos % kNanosPerSecond);
}

// DateTime ends in 2106.
std::uint32_t whole_seconds(std::uint64_t unix_nanos) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(unix_nanos / kNanosPerSecond, kLast));
}

std::uint32_t nanoseconds(std::uint64_t unix_nanos) {
  return static_cast<std::uint32_t>(unix_nanos % kNanosPerSecond);
}

// The array `column` with what `put_one` writes for each item.
template <typename Item, typename PutOne>
void put_array(Json& out, std::string_view column, const std::vector<Item>& items, const PutOne& put_one) {
  put_key(out, column);
  out.StartArray();
  for (const Item& item : items) put_one(item);
  out.EndArray();
}

void put_map(Json& out, const AttributeList& attributes) {
  out.StartObject();
  for (const Attribute& attribute : attributes) {
    put(out, std::string_view(attribute.key), attribute_text(attribute.value));
  }
  out.EndObject();
}

void put_keys(Json& out, const AttributeList& attributes) {
  out.StartArray();
  for (const Attribute& attribute : attributes) put_text(out, std::string_view(attribute.key));
  out.EndArray();
}

void put_values(Json& out, const AttributeList& attributes) {
  out.StartArray();
  for (const Attribute& attribute : attributes) put_text(out, attribute_text(attribute.value));
  out.EndArray();
}

std::string json_list(const std::vector<std::string>& values) {
  rapidjson::StringBuffer buffer;
  Json out(buffer);
  out.StartArray();
  for (const std::string& value : values) put_text(out, value);
  out.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string service_name(const Span& span) {
  if (span.resource == nullptr) return {};
  const AttributeValue* const name = find_attribute(span.resource->attributes, "service.name");
  return name == nullptr ? std::string() : attribute_text(*name);
}

std::string joined(std::string_view column, std::string_view part) {
  return fmt::format("{}{}", column, part);
}

}  // namespace

std::string attribute_text(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
          return json_list(held);
        } else {
          return fmt::format("{}", held);
        }
      },
      value);
}

std::string_view kind_text(SpanKind kind) {
  switch (kind) {
    case SpanKind::kInternal:
      return "Internal";
    case SpanKind::kServer:
      return "Server";
    case SpanKind::kClient:
      return "Client";
    case SpanKind::kProducer:
      return "Producer";
    case SpanKind::kConsumer:
      return "Consumer";
    case SpanKind::kUnspecified:
      break;
  }
  return "Unspecified";
}

std::string_view status_text(StatusCode status) {
  switch (status) {
    case StatusCode::kOk:
      return "Ok";
    case StatusCode::kError:
      return "Error";
    case StatusCode::kUnset:
      break;
  }
  return "Unset";
}

void RowWriter::put_times(Json& out, const Span& span) const {
  put_key(out, "Timestamp");
  if (layout_ == Layout::kFull) {
    put_text(out, decimal_seconds(span.start_unix_nanos));
  } else {
    out.Uint(whole_seconds(span.start_unix_nanos));
    put_key(out, "Nanoseconds");
    out.Uint(nanoseconds(span.start_unix_nanos));
  }
  put_key(out, "Duration");
  out.Uint64(span.end_unix_nanos - std::min(span.start_unix_nanos, span.end_unix_nanos));
}

void RowWriter::put_attributes(Json& out, std::string_view column, const AttributeList& attributes) const {
  if (layout_ == Layout::kFull) {
    put_key(out, column);
    return put_map(out, attributes);
  }
  put_key(out, joined(column, ".Key"));
  put_keys(out, attributes);
  put_key(out, joined(column, ".Value"));
  put_values(out, attributes);
}

// The members `ResourceAttributes` and `ServiceName`, from memory where the last span had the same resource.
void RowWriter::put_resource(Json& out, const Span& span) {
  if (resource_text_.empty() || known_resource_ != span.resource) {
    known_resource_ = span.resource;
    rapidjson::StringBuffer buffer;
    Json members(buffer);
    members.StartObject();
    put(members, "ServiceName", service_name(span));
    put_attributes(members, "ResourceAttributes",
                   span.resource == nullptr ? AttributeList() : span.resource->attributes);
    members.EndObject();
    // Without the braces: raw text in the place of a value, whose key comes first.
    const std::string_view text(buffer.GetString(), buffer.GetSize());
    constexpr std::string_view kFirstKey = R"({"ServiceName":)";
    resource_text_ = text.substr(kFirstKey.size(), text.size() - kFirstKey.size() - 1);
  }
  put_key(out, "ServiceName");
  out.RawValue(resource_text_.data(), resource_text_.size(), rapidjson::kStringType);
}

template <typename Owner>
void RowWriter::put_attribute_lists(Json& out, std::string_view column,
                                    const std::vector<Owner>& owners) const {
  if (layout_ == Layout::kFull) {
    put_array(out, joined(column, ".Attributes"), owners,
              [&](const Owner& owner) { put_map(out, owner.attributes); });
    return;
  }
  put_array(out, joined(column, ".AttributeKeys"), owners,
            [&](const Owner& owner) { put_keys(out, owner.attributes); });
  put_array(out, joined(column, ".AttributeValues"), owners,
            [&](const Owner& owner) { put_values(out, owner.attributes); });
}

void RowWriter::put_events(Json& out, const Span& span) const {
  put_array(out, "Events.Timestamp", span.events, [&](const SpanEvent& event) {
    if (layout_ == Layout::kFull) return put_text(out, decimal_seconds(event.unix_nanos));
    out.Uint(whole_seconds(event.unix_nanos));
  });
  if (layout_ == Layout::kPlain) {
    put_array(out, "Events.Nanoseconds", span.events,
              [&](const SpanEvent& event) { out.Uint(nanoseconds(event.unix_nanos)); });
  }
  put_array(out, "Events.Name", span.events, [&](const SpanEvent& event) { put_text(out, event.name); });
  put_attribute_lists(out, "Events", span.events);
}

void RowWriter::put_links(Json& out, const Span& span) const {
  put_array(out, "Links.TraceId", span.links,
            [&](const SpanLink& link) { put_text(out, hex_id(link.trace_id)); });
  put_array(out, "Links.SpanId", span.links,
            [&](const SpanLink& link) { put_text(out, hex_id(link.span_id)); });
  put_array(out, "Links.TraceState", span.links,
            [&](const SpanLink& link) { put_text(out, link.tracestate); });
  put_attribute_lists(out, "Links", span.links);
}

void RowWriter::add(const Span& span) {
  Json out(buffer_);
  out.StartObject();
  put_times(out, span);
  put(out, "TraceId", hex_id(span.trace_id));
  put(out, "SpanId", hex_id(span.span_id));
  put(out, "ParentSpanId", span.parent_span_id == 0 ? std::string() : hex_id(span.parent_span_id));
  put(out, "TraceState", span.tracestate);
  put(out, "SpanName", span.name);
  put(out, "SpanKind", kind_text(span.kind));
  put_resource(out, span);
  put(out, "ScopeName", span.scope == nullptr ? std::string_view(kScopeName) : span.scope->name);
  put(out, "ScopeVersion", span.scope == nullptr ? std::string_view(kVersion) : span.scope->version);
  put_attributes(out, "SpanAttributes", span.attributes);
  put(out, "StatusCode", status_text(span.status));
  put(out, "StatusMessage", span.status_message);
  put_events(out, span);
  put_links(out, span);
  out.EndObject();
  buffer_.Put('\n');
}

}  // namespace llmo::clickhouse
