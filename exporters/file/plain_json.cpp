#include "exporters/file/plain_json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <cstdint>
#include <string_view>

#include "exporters/file/json_member.h"
#include "exporters/span/json_values.h"
#include "exporters/span/utf8.h"

namespace llmo::file {
namespace {

using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr int kMaxDepth = 32;

void put_text(Writer& out, const Value& value) {
  if (!value.IsString()) {
    out.Null();
    return;
  }
  llmo::put_text(out, valid_utf8({value.GetString(), value.GetStringLength()}));
}

// 64-bit numbers are strings in OTLP JSON.
void put_integer(Writer& out, const Value& value) {
  const std::string_view text =
      value.IsString() ? std::string_view(value.GetString(), value.GetStringLength()) : std::string_view();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (value.IsInt64()) {
    out.Int64(value.GetInt64());
  } else if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) {
    out.Int64(number);
  } else {
    put_text(out, value);
  }
}

void put_number(Writer& out, const Value& value) {
  if (!value.IsNumber()) return put_text(out, value);
  if (value.IsInt64()) {
    out.Int64(value.GetInt64());
  } else {
    out.Double(value.GetDouble());
  }
}

void put_value(Writer& out, const Value& any, int depth);

void put_array(Writer& out, const Value& array, int depth) {
  out.StartArray();
  if (const Value* const values = member(array, "values"); values != nullptr && values->IsArray()) {
    for (const Value& element : values->GetArray()) put_value(out, element, depth);
  }
  out.EndArray();
}

void put_member(Writer& out, const Value& entry, int depth) {
  const Value* const key = member(entry, "key");
  const Value* const value = member(entry, "value");
  const bool named = key != nullptr && key->IsString();
  const std::string name = named ? valid_utf8({key->GetString(), key->GetStringLength()}) : std::string();
  put_key(out, name);
  const Value nothing;
  put_value(out, value == nullptr ? nothing : *value, depth);
}

void put_map(Writer& out, const Value& map, int depth) {
  out.StartObject();
  if (const Value* const values = member(map, "values"); values != nullptr && values->IsArray()) {
    for (const Value& entry : values->GetArray()) put_member(out, entry, depth);
  }
  out.EndObject();
}

void put_value(Writer& out, const Value& any, int depth) {
  if (depth == 0) {
    out.String("(nested too deep)");
  } else if (const Value* const text = member(any, "stringValue")) {
    put_text(out, *text);
  } else if (const Value* const flag = member(any, "boolValue"); flag != nullptr && flag->IsBool()) {
    out.Bool(flag->GetBool());
  } else if (const Value* const integer = member(any, "intValue")) {
    put_integer(out, *integer);
  } else if (const Value* const number = member(any, "doubleValue")) {
    put_number(out, *number);
  } else if (const Value* const array = member(any, "arrayValue")) {
    put_array(out, *array, depth - 1);
  } else if (const Value* const map = member(any, "kvlistValue")) {
    put_map(out, *map, depth - 1);
  } else if (const Value* const bytes = member(any, "bytesValue")) {
    put_text(out, *bytes);
  } else {
    out.Null();
  }
}

}  // namespace

std::string plain_json(const Value& any_value) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  put_value(out, any_value, kMaxDepth);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace llmo::file
