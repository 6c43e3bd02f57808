// Percent-encoding of URLs (RFC 3986, 2.1).
#pragma once

#include <cstddef>
#include <string_view>

#include "shim/config/text.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {

using config::hex_digit;

// Takes the first byte of `text`, which is not empty, decoded off its front. A percent sign without two
// digits stands for itself.
constexpr char take_decoded(std::string_view* text) {
  const std::string_view from = *text;
  const bool encoded =
      from.size() > 2 && from[0] == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0;
  text->remove_prefix(encoded ? 3 : 1);
  return encoded ? static_cast<char>(hex_digit(from[1]) << 4 | hex_digit(from[2])) : from[0];
}

// Appends `text` decoded to `out`, as far as it fits.
template <std::size_t Capacity>
void percent_decode(std::string_view text, platform::FixedText<Capacity>* out) {
  while (!text.empty() && out->size() < Capacity) {
    const char byte = take_decoded(&text);
    out->append({&byte, 1});
  }
}

// Calls `visit(key, value, has_value)`, both as written, for each parameter of a query. Parameters are
// separated by `&` or, as some servers still take it, by `;`.
template <typename Visit>
void for_each_query_parameter(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find_first_of("&;"));
    const std::size_t equals = parameter.find('=');
    const bool has_value = equals != std::string_view::npos;
    visit(parameter.substr(0, equals), has_value ? parameter.substr(equals + 1) : std::string_view{},
          has_value);
    query.remove_prefix(parameter.size() < query.size() ? parameter.size() + 1 : query.size());
  }
}

}  // namespace llmo::genai
