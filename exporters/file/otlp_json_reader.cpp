#include "exporters/file/otlp_json_reader.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "exporters/file/json_member.h"
#include "exporters/file/plain_json.h"
#include "exporters/span/attributes.h"
#include "exporters/span/scope.h"
#include "exporters/span/utf8.h"

namespace llmo::file {
namespace {

using rapidjson::Value;

std::string_view raw_text(const Value* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::string text_member(const Value& object, const char* name) {
  return valid_utf8(raw_text(member(object, name)));
}

// The elements of a list member; none where it is missing or something else.
template <typename Visit>
void for_each_in(const Value& object, const char* name, Visit visit) {
  const Value* const list = member(object, name);
  if (list == nullptr || !list->IsArray()) return;
  for (const Value& element : list->GetArray()) visit(element);
}

// 64-bit numbers are strings in OTLP JSON; writers that send numbers are common enough.
template <typename T>
std::optional<T> whole_number(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsInt64() && std::is_signed_v<T>) return static_cast<T>(value->GetInt64());
  if (value->IsUint64() && std::is_unsigned_v<T>) return static_cast<T>(value->GetUint64());
  const std::string_view text = raw_text(value);
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint32_t small_number(const Value* value) {
  return value != nullptr && value->IsUint() ? value->GetUint() : 0;
}

std::optional<std::uint64_t> hex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<TraceId> trace_id(const Value* value) {
  const std::string_view text = raw_text(value);
  if (text.size() != 32) return std::nullopt;
  const auto high = hex(text.substr(0, 16));
  const auto low = hex(text.substr(16));
  if (!high || !low || (*high | *low) == 0) return std::nullopt;
  return TraceId{*high, *low};
}

std::optional<double> double_of(const Value& value) {
  if (value.IsNumber()) return value.GetDouble();
  const std::string_view text = raw_text(&value);
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

// Nothing where one of the elements is no string.
std::optional<std::vector<std::string>> strings_of(const Value& array) {
  std::vector<std::string> strings;
  bool all = true;
  for_each_in(array, "values", [&](const Value& element) {
    const Value* const text = member(element, "stringValue");
    all = all && text != nullptr && text->IsString();
    if (all) strings.push_back(valid_utf8(raw_text(text)));
  });
  if (!all) return std::nullopt;
  return strings;
}

// What has no type of its own in AttributeValue becomes text.
std::optional<AttributeValue> attribute_value(const Value& any) {
  if (const Value* const value = member(any, "stringValue"); value != nullptr && value->IsString()) {
    return AttributeValue(valid_utf8(raw_text(value)));
  }
  if (const Value* const value = member(any, "boolValue"); value != nullptr && value->IsBool()) {
    return AttributeValue(value->GetBool());
  }
  if (const auto number = whole_number<std::int64_t>(member(any, "intValue"))) return AttributeValue(*number);
  if (const Value* const value = member(any, "doubleValue")) {
    if (const auto number = double_of(*value)) return AttributeValue(*number);
  }
  if (const Value* const value = member(any, "arrayValue")) {
    if (auto strings = strings_of(*value)) return AttributeValue(std::move(*strings));
    return AttributeValue(plain_json(any));
  }
  if (member(any, "kvlistValue") != nullptr) return AttributeValue(plain_json(any));
  if (const Value* const value = member(any, "bytesValue")) {
    return AttributeValue(valid_utf8(raw_text(value)));
  }
  return std::nullopt;
}

AttributeList attributes_of(const Value& object) {
  AttributeList attributes;
  for_each_in(object, "attributes", [&](const Value& entry) {
    std::string key = text_member(entry, "key");
    const Value* const any = member(entry, "value");
    if (key.empty() || any == nullptr || attributes.size() >= kMostListed) return;
    if (auto value = attribute_value(*any)) set_attribute(attributes, std::move(key), std::move(*value));
  });
  return attributes;
}

std::vector<SpanEvent> events_of(const Value& span) {
  std::vector<SpanEvent> events;
  for_each_in(span, "events", [&](const Value& event) {
    events.push_back({whole_number<std::uint64_t>(member(event, "timeUnixNano")).value_or(0),
                      text_member(event, "name"), attributes_of(event),
                      small_number(member(event, "droppedAttributesCount"))});
  });
  return events;
}

// One that leads nowhere is no link.
std::vector<SpanLink> links_of(const Value& span) {
  std::vector<SpanLink> links;
  for_each_in(span, "links", [&](const Value& json) {
    const auto trace = trace_id(member(json, "traceId"));
    const auto id = hex(raw_text(member(json, "spanId")));
    if (!trace || !id || *id == 0) return;
    links.push_back({*trace, *id, text_member(json, "traceState"), attributes_of(json),
                     small_number(member(json, "flags")),
                     small_number(member(json, "droppedAttributesCount"))});
  });
  return links;
}

void read_status(const Value& json, Span& span) {
  const Value* const status = member(json, "status");
  if (status == nullptr) return;
  const std::uint32_t code = small_number(member(*status, "code"));
  if (code <= static_cast<std::uint32_t>(StatusCode::kError)) span.status = static_cast<StatusCode>(code);
  span.status_message = text_member(*status, "message");
}

std::optional<Span> span_of(const Value& json) {
  const auto trace = trace_id(member(json, "traceId"));
  const auto id = hex(raw_text(member(json, "spanId")));
  const auto start = whole_number<std::uint64_t>(member(json, "startTimeUnixNano"));
  const auto end = whole_number<std::uint64_t>(member(json, "endTimeUnixNano"));
  if (!trace || !id || *id == 0 || !start || !end) return std::nullopt;
  Span span;
  span.trace_id = *trace;
  span.span_id = *id;
  span.parent_span_id = hex(raw_text(member(json, "parentSpanId"))).value_or(0);
  span.tracestate = text_member(json, "traceState");
  span.name = text_member(json, "name");
  if (span.name.empty()) span.name = "unnamed";
  const std::uint32_t kind = small_number(member(json, "kind"));
  if (kind <= static_cast<std::uint32_t>(SpanKind::kConsumer)) span.kind = static_cast<SpanKind>(kind);
  span.start_unix_nanos = *start;
  span.end_unix_nanos = std::max(*start, *end);
  read_status(json, span);
  span.attributes = attributes_of(json);
  span.events = events_of(json);
  span.links = links_of(json);
  span.flags = small_number(member(json, "flags"));
  span.dropped_attributes = small_number(member(json, "droppedAttributesCount"));
  span.dropped_events = small_number(member(json, "droppedEventsCount"));
  span.dropped_links = small_number(member(json, "droppedLinksCount"));
  return span;
}

Scope scope_of(const Value& json) {
  const Value* const scope = member(json, "scope");
  if (scope == nullptr) return {};
  return {text_member(*scope, "name"), text_member(*scope, "version"), attributes_of(*scope)};
}

void read_resource_spans(const Value& json, std::vector<Span>& spans, ReadCounts& counts) {
  auto resource = std::make_shared<Resource>();
  if (const Value* const value = member(json, "resource")) resource->attributes = attributes_of(*value);
  for_each_in(json, "scopeSpans", [&](const Value& scope_spans) {
    const auto scope = shared_scope(scope_of(scope_spans));
    for_each_in(scope_spans, "spans", [&](const Value& element) {
      if (auto span = span_of(element)) {
        span->resource = resource;
        span->scope = scope;
        spans.push_back(std::move(*span));
      } else {
        ++counts.damaged_spans;
      }
    });
  });
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

bool read_otlp_json_line(std::string_view line, const SpanCallback& take, ReadCounts& counts) {
  if (is_blank(line)) return true;
  // Iterative: a line of brackets must not use up the stack.
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  const Value* const requests = document.HasParseError() ? nullptr : member(document, "resourceSpans");
  if (requests == nullptr || !requests->IsArray()) {
    ++counts.damaged_lines;
    return false;
  }
  std::vector<Span> spans;
  for (const Value& element : requests->GetArray()) read_resource_spans(element, spans, counts);
  ++counts.lines;
  counts.spans += spans.size();
  for (Span& span : spans) take(std::move(span));
  return true;
}

}  // namespace llmo::file
