#include "exporters/convert/attribute_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "exporters/span/json_values.h"

namespace llmo::convert {
namespace {

constexpr std::int64_t kExact = std::int64_t{1} << 53;

struct ValueWriter {
  JsonWriter& out;

  void operator()(const std::string& value) const { put_text(out, value); }
  void operator()(bool value) const { out.Bool(value); }
  void operator()(std::int64_t value) const {
    if (value > kExact || value < -kExact) {
      put_text(out, fmt::format("{}", value));
    } else {
      out.Int64(value);
    }
  }
  void operator()(double value) const { put_double(out, value); }
  void operator()(const std::vector<std::string>& values) const {
    out.StartArray();
    for (const std::string& value : values) put_text(out, value);
    out.EndArray();
  }
};

}  // namespace

void put_value(JsonWriter& out, const AttributeValue& value) { std::visit(ValueWriter{out}, value); }

void put_members(JsonWriter& out, const AttributeList& attributes) {
  for (const Attribute& attribute : attributes) {
    put_key(out, std::string_view(attribute.key));
    put_value(out, attribute.value);
  }
}

std::string_view kind_name(SpanKind kind) {
  constexpr std::string_view kNames[] = {"", "internal", "server", "client", "producer", "consumer"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view status_name(StatusCode status) {
  constexpr std::string_view kNames[] = {"", "ok", "error"};
  return kNames[static_cast<std::size_t>(status)];
}

}  // namespace llmo::convert
