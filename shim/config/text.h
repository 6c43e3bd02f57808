// The few text helpers that settings and patterns are read with: ASCII only, no locale, no allocation.
#pragma once

#include <algorithm>
#include <string_view>

namespace llmo::config {

constexpr bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                   [](char a, char b) { return to_lower(a) == to_lower(b); });
}

constexpr bool starts_ignoring_case(std::string_view text, std::string_view beginning) {
  return equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

// The value of a hexadecimal digit of either case, or -1.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = to_lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// `text` without the blanks around it.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `visit` with each entry of a comma-separated list, trimmed; empty entries are left out. A comma
// always parts two entries: there is no way to quote it.
template <typename Visit>
constexpr void for_each_entry(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = trim(list.substr(0, comma));
    if (!entry.empty()) visit(entry);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

}  // namespace llmo::config
