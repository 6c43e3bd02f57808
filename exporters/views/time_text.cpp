#include "exporters/views/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string>

namespace llmo::views {
namespace {

constexpr double kSecond = 1e9;
constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

struct Unit {
  std::string_view word;
  double nanos;
};
constexpr std::array kUnits = {Unit{"ns", 1},
                               Unit{"us", 1e3},
                               Unit{"ms", 1e6},
                               Unit{"s", kSecond},
                               Unit{"m", 60 * kSecond},
                               Unit{"min", 60 * kSecond},
                               Unit{"h", 3600 * kSecond},
                               Unit{"d", 86400 * kSecond}};

std::optional<std::uint64_t> seconds_of(std::tm& fields, bool utc) {
  fields.tm_isdst = -1;
  const std::tm asked = fields;
  const std::time_t time = utc ? ::timegm(&fields) : ::mktime(&fields);
  // Both make a date of anything: the 31st of February becomes one in March.
  const bool same = fields.tm_mday == asked.tm_mday && fields.tm_mon == asked.tm_mon;
  if (time < 0 || !same) return std::nullopt;
  const auto seconds = static_cast<std::uint64_t>(time);
  return seconds > UINT64_MAX / kNanosPerSecond ? std::nullopt : std::optional(seconds);
}

}  // namespace

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  const std::string_view word(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : kUnits) {
    if (word != unit.word) continue;
    const double nanos = number * unit.nanos;
    if (nanos > 9e18) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(nanos));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_unix_nanos) {
  if (const auto before = parse_duration(text)) return now_unix_nanos - std::min(now_unix_nanos, *before);
  const bool utc = text.ends_with('Z');
  const std::string date(text.substr(0, text.size() - (utc ? 1 : 0)));
  for (const char* const format :
       {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    std::tm fields{};
    const char* const end = ::strptime(date.c_str(), format, &fields);
    if (end == nullptr || *end != '\0') continue;
    const auto seconds = seconds_of(fields, utc);
    return seconds ? std::optional(*seconds * kNanosPerSecond) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace llmo::views
