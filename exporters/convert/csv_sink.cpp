#include "exporters/convert/csv_sink.h"

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>
#include <vector>

#include "exporters/convert/attribute_text.h"
#include "exporters/input/span_input.h"
#include "exporters/span/hex_id.h"
#include "exporters/span/resource.h"

namespace llmo::convert {
namespace {

std::string json_list(const AttributeValue& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  put_value(out, value);
  return {buffer.GetString(), buffer.GetSize()};
}

struct CellText {
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::vector<std::string>& value) const {
    return value.size() == 1 ? value.front() : json_list(value);
  }
};

struct Cell {
  std::string text;
  bool is_number = false;
};

Cell cell_of(const AttributeValue* value) {
  if (value == nullptr) return {};
  return {std::visit(CellText{}, *value),
          std::holds_alternative<std::int64_t>(*value) || std::holds_alternative<double>(*value)};
}

// The first of `names` that the span has, else its resource.
Cell attribute(const Span& span, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const AttributeValue* const value = find_attribute(span.attributes, name)) return cell_of(value);
  }
  if (span.resource == nullptr) return {};
  for (const std::string_view name : names) {
    if (const AttributeValue* const value = find_attribute(span.resource->attributes, name)) {
      return cell_of(value);
    }
  }
  return {};
}

Cell number(std::uint64_t value) { return {fmt::format("{}", value), true}; }

Cell text(std::string_view value) { return {std::string(value)}; }

Cell all_attributes(const Span& span) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_members(out, span.attributes);
  out.EndObject();
  return {{buffer.GetString(), buffer.GetSize()}};
}

struct Column {
  std::string_view name;
  Cell (*cell)(const Span& span);
};

constexpr Column kColumns[] = {
    {"trace_id", [](const Span& span) { return text(hex_id(span.trace_id)); }},
    {"span_id", [](const Span& span) { return text(hex_id(span.span_id)); }},
    {"parent_span_id",
     [](const Span& span) { return span.parent_span_id == 0 ? Cell() : text(hex_id(span.parent_span_id)); }},
    {"service", [](const Span& span) { return attribute(span, {"service.name"}); }},
    {"pid", [](const Span& span) { return attribute(span, {"process.pid"}); }},
    {"thread_id", [](const Span& span) { return attribute(span, {"thread.id"}); }},
    {"thread_name", [](const Span& span) { return attribute(span, {"thread.name"}); }},
    {"name", [](const Span& span) { return text(span.name); }},
    {"kind", [](const Span& span) { return text(kind_name(span.kind)); }},
    {"start", [](const Span& span) { return text(iso8601(span.start_unix_nanos, 9)); }},
    {"start_unix_nanos", [](const Span& span) { return number(span.start_unix_nanos); }},
    {"duration_nanos", [](const Span& span) { return number(span.end_unix_nanos - span.start_unix_nanos); }},
    {"open", [](const Span& span) { return attribute(span, {input::kOpenAttribute}); }},
    {"status", [](const Span& span) { return text(status_name(span.status)); }},
    {"status_message", [](const Span& span) { return text(span.status_message); }},
    {"error", [](const Span& span) { return attribute(span, {"error.type"}); }},
    {"operation",
     [](const Span& span) {
       return attribute(span, {"gen_ai.operation.name", "db.operation.name"});
     }},
    {"provider",
     [](const Span& span) {
       return attribute(span, {"gen_ai.provider.name", "gen_ai.system", "db.system.name"});
     }},
    {"request_model", [](const Span& span) { return attribute(span, {"gen_ai.request.model"}); }},
    {"response_model", [](const Span& span) { return attribute(span, {"gen_ai.response.model"}); }},
    {"input_tokens", [](const Span& span) { return attribute(span, {"gen_ai.usage.input_tokens"}); }},
    {"output_tokens", [](const Span& span) { return attribute(span, {"gen_ai.usage.output_tokens"}); }},
    {"cost_usd", [](const Span& span) { return attribute(span, {"llmobserve.cost.usd"}); }},
    {"http_method", [](const Span& span) { return attribute(span, {"http.request.method"}); }},
    {"http_status", [](const Span& span) { return attribute(span, {"http.response.status_code"}); }},
    {"url", [](const Span& span) { return attribute(span, {"url.full"}); }},
    {"server", [](const Span& span) { return attribute(span, {"server.address"}); }},
    {"function", [](const Span& span) { return attribute(span, {"code.function.name"}); }},
    {"file", [](const Span& span) { return attribute(span, {"code.file.path"}); }},
    {"line", [](const Span& span) { return attribute(span, {"code.line.number"}); }},
    {"attributes", all_attributes}};

bool looks_like_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

void add_cell(const Cell& cell, std::string& row) {
  const char* const guard = !cell.is_number && looks_like_formula(cell.text) ? "'" : "";
  if (cell.text.find_first_of(",\"\r\n") == std::string::npos) {
    row += guard;
    row += cell.text;
    return;
  }
  row += '"';
  row += guard;
  for (const char c : cell.text) row.append(c == '"' ? 2 : 1, c);
  row += '"';
}

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

CsvSink::CsvSink(OutputFile& output) : output_(output) {
  for (const Column& column : kColumns) {
    if (&column != kColumns) row_ += ',';
    row_ += column.name;
  }
  output_.write(row_ += kLineEnd);
}

void CsvSink::take(Span&& span) {
  row_.clear();
  for (const Column& column : kColumns) {
    if (&column != kColumns) row_ += ',';
    add_cell(column.cell(span), row_);
  }
  output_.write(row_ += kLineEnd);
}

}  // namespace llmo::convert
