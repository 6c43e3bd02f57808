// Text that another machine has written, as a log or a terminal may show it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llmo::net {

inline constexpr std::size_t kMostShown = 300;

// The beginning of `text`, kMostShown bytes at most, `...` behind it where it was cut. Runs of blanks and
// control characters are one blank, other bytes that are not ASCII are `?`.
std::string printable(std::string_view text);

}  // namespace llmo::net
