// Values as RapidJSON's writers do not take them by themselves.
#pragma once

#include <rapidjson/rapidjson.h>

#include <cmath>
#include <string_view>

namespace llmo {

template <typename Writer>
void put_text(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <typename Writer>
void put_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

// JSON has no number for NaN and the infinities: they are texts, with the names that protobuf gives them.
template <typename Writer>
void put_double(Writer& out, double value) {
  if (std::isfinite(value)) {
    out.Double(value);
  } else {
    put_text(out, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  }
}

}  // namespace llmo
