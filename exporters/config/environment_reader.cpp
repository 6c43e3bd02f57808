#include "exporters/config/environment_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdlib.h>

#include <algorithm>
#include <optional>

#include "shim/config/text.h"
#include "shim/config/values.h"

namespace llmo::config {
namespace {

std::uint64_t factor_of(char unit) {
  switch (unit) {
    case 'k':
    case 'K':
      return 1ULL << 10;
    case 'm':
    case 'M':
      return 1ULL << 20;
    case 'g':
    case 'G':
      return 1ULL << 30;
    default:
      return 0;
  }
}

// `64K`, `64KB` and `64KiB` are one.
std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  if (text.ends_with('B') || text.ends_with('b')) text.remove_suffix(1);
  if (text.ends_with('i')) text.remove_suffix(1);
  const std::uint64_t factor = text.empty() ? 0 : factor_of(text.back());
  if (factor != 0) text.remove_suffix(1);
  const auto number = text.empty() ? std::nullopt : parse_number(trim(text));
  std::uint64_t bytes = 0;
  if (!number || __builtin_mul_overflow(*number, std::max<std::uint64_t>(factor, 1), &bytes))
    return std::nullopt;
  return bytes;
}

}  // namespace

EnvironmentReader::EnvironmentReader()
    : lookup_([](const char* name, void*) -> const char* { return ::secure_getenv(name); }) {}

std::string EnvironmentReader::text(std::initializer_list<const char*> variables,
                                    std::string_view* used) const {
  for (const char* const variable : variables) {
    const char* const value = lookup_(variable, context_);
    const std::string_view trimmed = trim(value == nullptr ? std::string_view() : std::string_view(value));
    if (trimmed.empty()) continue;
    if (used != nullptr) *used = variable;
    return std::string(trimmed);
  }
  return {};
}

bool EnvironmentReader::boolean(std::initializer_list<const char*> variables, bool unset) {
  std::string_view variable;
  const std::string value = text(variables, &variable);
  if (value.empty()) return unset;
  const std::optional<bool> parsed = parse_boolean(value);
  if (!parsed)
    note(fmt::format("{}: \"{}\" is not true or false; using {}", variable, excerpt(value), unset));
  return parsed.value_or(unset);
}

std::uint64_t EnvironmentReader::number(std::initializer_list<const char*> variables, std::uint64_t unset,
                                        std::uint64_t least, std::uint64_t most) {
  std::string_view variable;
  const std::string value = text(variables, &variable);
  if (value.empty()) return unset;
  const std::optional<std::uint64_t> parsed = parse_number(value);
  if (parsed && *parsed >= least && *parsed <= most) return *parsed;
  note(fmt::format("{}: \"{}\" is not a number from {} to {}; using {}", variable, excerpt(value), least,
                   most, unset));
  return unset;
}

std::chrono::milliseconds EnvironmentReader::milliseconds(std::initializer_list<const char*> variables,
                                                          std::chrono::milliseconds unset) {
  constexpr std::uint64_t kMost = 86'400'000;
  return std::chrono::milliseconds(number(variables, static_cast<std::uint64_t>(unset.count()), 0, kMost));
}

std::uint64_t EnvironmentReader::bytes(std::initializer_list<const char*> variables, std::uint64_t unset,
                                       std::uint64_t least, std::uint64_t most) {
  std::string_view variable;
  const std::string value = text(variables, &variable);
  if (value.empty()) return unset;
  const std::optional<std::uint64_t> parsed = parse_bytes(value);
  if (parsed && *parsed >= least && *parsed <= most) return *parsed;
  note(fmt::format("{}: \"{}\" is not a number of bytes from {} to {}, with or without K, M or G; using {}",
                   variable, excerpt(value), least, most, unset));
  return unset;
}

std::size_t EnvironmentReader::word(std::initializer_list<const char*> variables,
                                    std::initializer_list<std::string_view> words, std::size_t unset) {
  std::string_view variable;
  const std::string value = text(variables, &variable);
  if (value.empty()) return unset;
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](std::string_view word) { return equal_ignoring_case(value, word); });
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  note(fmt::format("{}: \"{}\" is none of {}; using {}", variable, excerpt(value), fmt::join(words, ", "),
                   words.begin()[unset]));
  return unset;
}

}  // namespace llmo::config
