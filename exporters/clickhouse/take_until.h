// Texts of parts with a mark between them, taken apart from the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace llmo::clickhouse {

// What stands before `mark`, taken off the front of `text` together with it; all of it where there is none.
inline std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = std::min(text.find(mark), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

}  // namespace llmo::clickhouse
