// Values of options that CLI11 would read in ways of its own: it takes -1 for a very large number, and tells
// people the numbers behind words.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <system_error>

namespace llmo::cli {

// For `check()`: says what is wrong with anything but digits that fit.
inline CLI::Validator whole_number() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        std::uint64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        return error == std::errc() && stopped == end ? "" : fmt::format("{} is not a whole number", text);
      },
      "");
}

// An option whose value is one of some words, in either case. `value` outlives `command`.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& names, Value& value,
                        const std::map<std::string, Value>& words, const std::string& help) {
  const auto take = [&value, words](const std::string& text) {
    const auto found = words.find(CLI::detail::to_lower(text));
    if (found == words.end()) {
      std::string all;
      for (const auto& word : words) all += (all.empty() ? "" : ", ") + word.first;
      throw CLI::ValidationError(fmt::format("{} is none of these: {}", text, all));
    }
    value = found->second;
  };
  return command.add_option_function<std::string>(names, take, help);
}

}  // namespace llmo::cli
