// OTLP JSON lines to spans: the mapping of the OTLP specification ("JSON Protobuf Encoding") and no more.
#include "tests/support/otlp_reader.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <charconv>
#include <stdexcept>

namespace llmo::test {
namespace {

using Json = rapidjson::Value;

[[noreturn]] void fail(const std::string& reason) { throw std::runtime_error(reason); }

const Json* member(const Json& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string text_of(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr) return {};
  if (!value->IsString()) fail(std::string(name) + " is not a string");
  return {value->GetString(), value->GetStringLength()};
}

// 64-bit integers are decimal strings; a reader takes numbers too.
std::int64_t int64_of(const Json& value, const char* name) {
  if (value.IsInt64()) return value.GetInt64();
  if (!value.IsString()) fail(std::string(name) + " is neither a number nor a string");
  std::int64_t result = 0;
  const char* const end = value.GetString() + value.GetStringLength();
  const auto parsed = std::from_chars(value.GetString(), end, result);
  if (parsed.ec != std::errc{} || parsed.ptr != end)
    fail(std::string(name) + " is not a decimal: " + value.GetString());
  return result;
}

std::uint64_t nanos_of(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr) fail(std::string(name) + " is missing");
  return static_cast<std::uint64_t>(int64_of(*value, name));
}

// Enums are integers in OTLP/JSON; names are forbidden.
int number_of(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr) return 0;
  if (!value->IsInt64()) fail(std::string(name) + " is not a number");
  return static_cast<int>(value->GetInt64());
}

std::string hex_of(const Json& object, const char* name, std::size_t digits) {
  std::string text = text_of(object, name);
  const bool hex = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!text.empty() && (!hex || text.size() != digits))
    fail(std::string(name) + " is not lower-case hex: " + text);
  return text;
}

std::vector<std::string> strings_of(const Json& array) {
  std::vector<std::string> result;
  const Json* const values = member(array, "values");
  if (values == nullptr) return result;
  for (const Json& value : values->GetArray()) result.push_back(text_of(value, "stringValue"));
  return result;
}

Value value_of(const Json& any, const std::string& key) {
  if (!any.IsObject() || any.MemberCount() != 1) fail("value of " + key + " has not exactly one kind");
  const std::string kind = any.MemberBegin()->name.GetString();
  const Json& value = any.MemberBegin()->value;
  if (kind == "stringValue") return text_of(any, "stringValue");
  if (kind == "boolValue") return value.GetBool();
  if (kind == "intValue") return int64_of(value, "intValue");
  if (kind == "doubleValue" && value.IsNumber()) return value.GetDouble();
  if (kind == "arrayValue") return strings_of(value);
  fail("value of " + key + " is a " + kind);
}

Attributes attributes_of(const Json& object) {
  Attributes result;
  const Json* const list = member(object, "attributes");
  if (list == nullptr) return result;
  if (!list->IsArray()) fail("attributes is not a list");
  for (const Json& entry : list->GetArray()) {
    const std::string key = text_of(entry, "key");
    const Json* const value = member(entry, "value");
    if (key.empty() || value == nullptr) fail("an attribute without key or value");
    if (!result.emplace(key, value_of(*value, key)).second) fail("attribute twice in a span: " + key);
  }
  return result;
}

std::vector<Event> events_of(const Json& object) {
  std::vector<Event> result;
  const Json* const list = member(object, "events");
  if (list == nullptr) return result;
  for (const Json& entry : list->GetArray()) {
    result.push_back({nanos_of(entry, "timeUnixNano"), text_of(entry, "name"), attributes_of(entry)});
  }
  return result;
}

std::vector<Link> links_of(const Json& object) {
  std::vector<Link> result;
  const Json* const list = member(object, "links");
  if (list == nullptr) return result;
  for (const Json& entry : list->GetArray()) {
    result.push_back({hex_of(entry, "traceId", 32), hex_of(entry, "spanId", 16), text_of(entry, "traceState"),
                      static_cast<std::uint32_t>(number_of(entry, "flags")), attributes_of(entry)});
    if (result.back().trace_id.empty() || result.back().span_id.empty()) fail("a link that leads nowhere");
  }
  return result;
}

Span span_of(const Json& json, const std::shared_ptr<const Attributes>& resource) {
  Span span;
  span.trace_id = hex_of(json, "traceId", 32);
  span.span_id = hex_of(json, "spanId", 16);
  span.parent_span_id = hex_of(json, "parentSpanId", 16);
  span.name = text_of(json, "name");
  span.tracestate = text_of(json, "traceState");
  span.kind = number_of(json, "kind");
  span.start_unix_nanos = nanos_of(json, "startTimeUnixNano");
  span.end_unix_nanos = nanos_of(json, "endTimeUnixNano");
  span.flags = static_cast<std::uint32_t>(number_of(json, "flags"));
  if (const Json* const status = member(json, "status")) {
    span.status = number_of(*status, "code");
    span.status_message = text_of(*status, "message");
  }
  span.attributes = attributes_of(json);
  span.events = events_of(json);
  span.links = links_of(json);
  span.resource = resource;
  if (span.trace_id.empty() || span.span_id.empty() || span.name.empty()) fail("a span without id or name");
  if (span.end_unix_nanos < span.start_unix_nanos) fail("span " + span.name + " ends before it starts");
  return span;
}

const Json& list_of(const Json& object, const char* name) {
  const Json* const list = object.IsObject() ? member(object, name) : nullptr;
  if (list == nullptr || !list->IsArray()) fail(std::string(name) + " is missing or not a list");
  return *list;
}

void read_line(std::string_view line, std::vector<Span>& spans) {
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  if (document.HasParseError()) fail(rapidjson::GetParseError_En(document.GetParseError()));
  for (const Json& resource_spans : list_of(document, "resourceSpans").GetArray()) {
    const Json* const resource = member(resource_spans, "resource");
    const auto of_resource =
        std::make_shared<const Attributes>(resource != nullptr ? attributes_of(*resource) : Attributes{});
    for (const Json& scope_spans : list_of(resource_spans, "scopeSpans").GetArray()) {
      for (const Json& span : list_of(scope_spans, "spans").GetArray())
        spans.push_back(span_of(span, of_resource));
    }
  }
}

std::string as_text(const std::string& value) { return value; }
std::string as_text(bool value) { return value ? "true" : "false"; }
std::string as_text(std::int64_t value) { return std::to_string(value); }
std::string as_text(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), value).ptr -
                                       text.data()));
  return text;
}
std::string as_text(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

std::string text_in(const Attributes& attributes, std::string_view key) {
  const auto found = attributes.find(key);
  if (found == attributes.end()) return {};
  return std::visit([](const auto& value) { return as_text(value); }, found->second);
}

}  // namespace

std::vector<Span> read_otlp_lines(std::string_view text) {
  std::vector<Span> spans;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
      fail("the last line has no line end: " + std::string(text.substr(0, 200)));
    try {
      read_line(text.substr(0, end), spans);
    } catch (const std::runtime_error& error) {
      fail("line " + std::to_string(number) + ": " + error.what());
    }
    text.remove_prefix(end + 1);
  }
  return spans;
}

std::string attribute(const Span& span, std::string_view key) { return text_in(span.attributes, key); }
bool has_attribute(const Span& span, std::string_view key) { return span.attributes.contains(key); }
std::string resource_attribute(const Span& span, std::string_view key) {
  return span.resource != nullptr ? text_in(*span.resource, key) : "";
}
std::string attribute(const Link& link, std::string_view key) { return text_in(link.attributes, key); }

}  // namespace llmo::test
