// The names of the response headers that are kept: how long to wait, how much of a quota is left, how long
// the server took, and the number under which a provider finds the request. Never anything that identifies or
// authorises: a header is kept where its whole name is in a table, or is made of a known beginning and words
// of a second table, and by no other rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace llmo::http {

// The longest name that is kept.
inline constexpr std::size_t kMaxHeaderName = 64;

struct KeptHeader {
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kNowhere = kPlaces;

  std::string_view name;         // in lower case; empty where it is not kept
  std::size_t place = kNowhere;  // below kPlaces, the same for this name and no other; kNowhere: it has none
};

// A bit for each letter that a header which is kept begins with.
inline constexpr std::uint32_t kFirstLetters = [] {
  std::uint32_t letters = 0;
  for (const char letter : {'a', 'c', 'f', 'm', 'o', 'r', 'x'}) letters |= 1U << (letter & 31);
  return letters;
}();

// False where no header that is kept begins with that letter, of either case: most headers of a response.
constexpr bool may_begin_kept_header(char letter) {
  return (letter & 0x40) != 0 && (kFirstLetters >> (letter & 31) & 1U) != 0;
}

// `name` in any case. In small letters it goes to `lower_name`, which has room for as many bytes, and may be
// overwritten where the name is not kept, too.
KeptHeader find_kept_header(std::string_view name, char* lower_name);

}  // namespace llmo::http
