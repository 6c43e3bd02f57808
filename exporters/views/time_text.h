// Times as people type them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llmo::views {

// `500ms`, `2s`, `1.5s`, `10m`, `2h`, `1d`, also `us` and `ns`, in nanoseconds. A unit has to be there.
std::optional<std::uint64_t> parse_duration(std::string_view text);

// A point in time in Unix nanoseconds: so long before `now`, as parse_duration() takes it, or a date,
// `2026-11-23`, with a time behind it or not, `2026-11-23T09:30`, `2026-11-23 09:30:12`; in local time, or in
// UTC with a `Z` at the end.
std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_unix_nanos);

}  // namespace llmo::views
