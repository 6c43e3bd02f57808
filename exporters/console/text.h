// Words for a terminal: text of foreign origin made harmless, widths as a terminal counts them, and numbers
// as people read them.
//
// Pure functions; they allocate and never fail. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace llmo::console {

// `text` with everything that a terminal would obey or hide replaced by an escape: control characters (C0,
// C1, DEL), line and paragraph separators, direction overrides and bytes that are no UTF-8. All else is kept.
//
// Span names come from programs and from the network, so every foreign text passes here before it is printed.
std::string printable(std::string_view text);

// Columns that `text` takes, printable text assumed: combining marks 0, wide East Asian and emoji 2, all
// else 1.
std::size_t display_width(std::string_view text);

// The longest beginning of `text` that takes at most `columns`, with `…` as its last column where it was cut.
std::string fit(std::string_view text, std::size_t columns);

// `2.41 s`, `0.06 s`, `4.2 ms`, `812 µs`, `35 ns`, `3 min 05 s`, `2 h 07 min`.
std::string format_duration(std::uint64_t nanos);

// `1 942`: groups of three with a blank between them.
std::string format_count(std::uint64_t count);

// `$0.0113`, `$12.40`, `$0.000012`: two significant digits at least. Negative or not finite: empty.
std::string format_usd(double usd);

}  // namespace llmo::console
