// What the program says about itself: one line each on standard error, with its name before it.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace llmo::cli {

// `text` may hold names of foreign origin: control characters in it are escaped.
void say(std::string_view text);

template <typename... Arguments>
void say(fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
  say(std::string_view(fmt::format(format, arguments...)));
}

}  // namespace llmo::cli
