// Small helps for writing JSON: what the page reads is many arrays of numbers.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporters/html/string_table.h"

namespace llmo::html {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void write_text(JsonWriter& json, std::string_view text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

inline void write_key(JsonWriter& json, std::string_view key) {
  json.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

inline void write_number(JsonWriter& json, std::uint64_t value) { json.Uint64(value); }
inline void write_number(JsonWriter& json, std::int64_t value) { json.Int64(value); }
inline void write_number(JsonWriter& json, std::uint32_t value) { json.Uint(value); }
inline void write_number(JsonWriter& json, int value) { json.Int(value); }
// JSON has no word for what is not finite; -1 stands for "not known" everywhere in the page.
inline void write_number(JsonWriter& json, double value) { json.Double(std::isfinite(value) ? value : -1); }

// `"name":[…]`, a number for each of `rows`.
template <typename Rows, typename NumberOf>
void write_column(JsonWriter& json, std::string_view name, const Rows& rows, const NumberOf& number_of) {
  write_key(json, name);
  json.StartArray();
  for (const auto& row : rows) write_number(json, number_of(row));
  json.EndArray();
}

inline void write_strings(JsonWriter& json, std::string_view name, const StringTable& strings) {
  write_key(json, name);
  json.StartArray();
  for (std::size_t number = 0; number < strings.size(); ++number) write_text(json, strings[number]);
  json.EndArray();
}

}  // namespace llmo::html
