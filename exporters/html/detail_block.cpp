#include "exporters/html/detail_block.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "exporters/span/utf8.h"
#include "exporters/span/version.h"

namespace llmo::html {
namespace {

// As the page knows them.
enum class Type : int { kText, kInteger, kNumber, kTruth, kList };

constexpr std::size_t kBytesOfItem = 16;  // an item of an empty text takes room too

// Cut before it is looked at, so that a text of gigabytes costs nothing.
std::string cut(std::string_view text) {
  if (text.size() <= DetailBlock::kMaxValueBytes) return valid_utf8(text);
  std::size_t end = DetailBlock::kMaxValueBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return fmt::format("{}… [{} of {} bytes]", valid_utf8(text.substr(0, end)), end, text.size());
}

struct TypeOf {
  Type operator()(const std::string&) const { return Type::kText; }
  Type operator()(bool) const { return Type::kTruth; }
  Type operator()(std::int64_t) const { return Type::kInteger; }
  Type operator()(double) const { return Type::kNumber; }
  Type operator()(const std::vector<std::string>&) const { return Type::kList; }
};

struct TextOf {
  std::string operator()(const std::string& text) const { return cut(text); }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(const std::vector<std::string>&) const { return {}; }
};

std::string scope_text(const Span& span) {
  if (!span.scope) return fmt::format("{} {}", kScopeName, kVersion);
  return cut(span.scope->version.empty() ? span.scope->name : span.scope->name + " " + span.scope->version);
}

void write_dropped(JsonWriter& json, const Span& span) {
  json.StartArray();
  for (const std::uint32_t count : {span.dropped_attributes, span.dropped_events, span.dropped_links}) {
    write_number(json, count);
  }
  json.EndArray();
}

}  // namespace

DetailBlock::DetailBlock() { json_.StartArray(); }

std::uint32_t DetailBlock::number_of(std::string text) {
  const std::size_t size = text.size();
  const std::size_t known = strings_.size();
  const std::uint32_t number = strings_.number_of(std::move(text));
  span_bytes_ += size;
  if (strings_.size() > known) string_bytes_ += size;
  return number;
}

bool DetailBlock::has_room() {
  if (span_bytes_ <= kMaxSpanBytes) return true;
  ++span_left_out_;
  return false;
}

void DetailBlock::write_value(JsonWriter& json, const AttributeValue& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return write_number(json, number_of(std::visit(TextOf{}, value)));
  json.StartArray();
  for (const std::string& item : *list) {
    if (!has_room()) break;
    span_bytes_ += kBytesOfItem;
    write_number(json, number_of(cut(item)));
  }
  json.EndArray();
}

void DetailBlock::write_attributes(JsonWriter& json, const AttributeList& attributes) {
  json.StartArray();
  for (const auto& [key, value] : attributes) {
    if (!has_room()) continue;
    span_bytes_ += kBytesOfItem;
    write_number(json, number_of(cut(std::string_view(key))));
    write_number(json, static_cast<int>(std::visit(TypeOf{}, value)));
    write_value(json, value);
  }
  json.EndArray();
}

void DetailBlock::write_event(const SpanEvent& event, std::uint64_t span_start) {
  if (!has_room()) return;
  span_bytes_ += kBytesOfItem;
  json_.StartArray();
  write_number(json_, static_cast<std::int64_t>(event.unix_nanos - span_start));
  write_number(json_, number_of(cut(event.name)));
  write_attributes(json_, event.attributes);
  json_.EndArray();
}

void DetailBlock::write_link(const SpanLink& link) {
  if (!has_room()) return;
  span_bytes_ += kBytesOfItem;
  json_.StartArray();
  write_number(json_, number_of(fmt::format("{:016x}{:016x}", link.trace_id.high, link.trace_id.low)));
  write_number(json_, number_of(fmt::format("{:016x}", link.span_id)));
  write_number(json_, number_of(cut(link.tracestate)));
  write_number(json_, link.flags);
  write_attributes(json_, link.attributes);
  json_.EndArray();
}

// Resources are told apart by what they say: readers make one for each request of a file.
int DetailBlock::resource_number(const Span& span) {
  if (!span.resource) return -1;
  if (span.resource == last_resource_) return last_resource_number_;
  rapidjson::StringBuffer text;
  JsonWriter json(text);
  write_attributes(json, span.resource->attributes);
  last_resource_ = span.resource;
  last_resource_number_ = static_cast<int>(resources_.number_of({text.GetString(), text.GetSize()}));
  return last_resource_number_;
}

void DetailBlock::add(const Span& span) {
  span_bytes_ = 0;
  span_left_out_ = 0;
  json_.StartArray();
  write_number(json_, number_of(cut(span.status_message)));
  write_number(json_, span.flags);
  write_number(json_, number_of(cut(span.tracestate)));
  write_number(json_, number_of(scope_text(span)));
  write_number(json_, resource_number(span));
  write_dropped(json_, span);
  write_attributes(json_, span.attributes);
  json_.StartArray();
  for (const SpanEvent& event : span.events) write_event(event, span.start_unix_nanos);
  json_.EndArray();
  json_.StartArray();
  for (const SpanLink& link : span.links) write_link(link);
  json_.EndArray();
  write_number(json_, span_left_out_);
  json_.EndArray();
  ++rows_;
}

std::string DetailBlock::json() {
  json_.EndArray();
  rapidjson::StringBuffer text;
  JsonWriter json(text);
  json.StartObject();
  write_strings(json, "strings", strings_);
  write_key(json, "resources");
  json.StartArray();
  for (std::size_t number = 0; number < resources_.size(); ++number) {
    json.RawValue(resources_[number].data(), resources_[number].size(), rapidjson::kArrayType);
  }
  json.EndArray();
  write_key(json, "rows");
  json.RawValue(row_text_.GetString(), row_text_.GetSize(), rapidjson::kArrayType);
  json.EndObject();
  return {text.GetString(), text.GetSize()};
}

}  // namespace llmo::html
