#include "exporters/console/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace llmo::console {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
  bool valid = false;
};

struct Range {
  char32_t first;
  char32_t last;
};

// The usual ranges, sorted; not the whole of Unicode's tables: a width that is off by one misplaces a column
// and harms nothing else. Sources: Unicode 15, EastAsianWidth.txt (W and F) and categories Mn, Me.
constexpr std::array kWide = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x23e9, 0x23ec},   Range{0x25fd, 0x25fe},
    Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26a1, 0x26a1},   Range{0x26aa, 0x26ab},
    Range{0x26bd, 0x26be},   Range{0x26c4, 0x26c5},   Range{0x2705, 0x2705},   Range{0x270a, 0x270b},
    Range{0x2728, 0x2728},   Range{0x274c, 0x274c},   Range{0x2753, 0x2755},   Range{0x2757, 0x2757},
    Range{0x2795, 0x2797},   Range{0x2b1b, 0x2b1c},   Range{0x2b50, 0x2b50},   Range{0x2e80, 0x303e},
    Range{0x3041, 0x33ff},   Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},   Range{0xa000, 0xa4cf},
    Range{0xa960, 0xa97f},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},
    Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f004, 0x1f004}, Range{0x1f0cf, 0x1f0cf},
    Range{0x1f18e, 0x1f18e}, Range{0x1f191, 0x1f19a}, Range{0x1f200, 0x1f320}, Range{0x1f32d, 0x1f335},
    Range{0x1f337, 0x1f37c}, Range{0x1f37e, 0x1f393}, Range{0x1f3a0, 0x1f3ca}, Range{0x1f3cf, 0x1f3d3},
    Range{0x1f3e0, 0x1f3f0}, Range{0x1f3f8, 0x1f43e}, Range{0x1f440, 0x1f4fc}, Range{0x1f4ff, 0x1f53d},
    Range{0x1f54b, 0x1f567}, Range{0x1f5fb, 0x1f64f}, Range{0x1f680, 0x1f6c5}, Range{0x1f6d0, 0x1f6d2},
    Range{0x1f6eb, 0x1f6ec}, Range{0x1f6f4, 0x1f6fc}, Range{0x1f7e0, 0x1f7eb}, Range{0x1f90c, 0x1f9ff},
    Range{0x1fa70, 0x1faff}, Range{0x20000, 0x3fffd},
};

constexpr std::array kZeroWidth = {
    Range{0x0300, 0x036f}, Range{0x0483, 0x0489}, Range{0x0591, 0x05bd},   Range{0x0610, 0x061a},
    Range{0x064b, 0x065f}, Range{0x06d6, 0x06dc}, Range{0x0900, 0x0902},   Range{0x093a, 0x093a},
    Range{0x0941, 0x0948}, Range{0x0e31, 0x0e31}, Range{0x0e34, 0x0e3a},   Range{0x0e47, 0x0e4e},
    Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x200b, 0x200d},   Range{0x20d0, 0x20ff},
    Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}, Range{0xe0100, 0xe01ef},
};

// What a terminal obeys or what changes the order of what it shows.
constexpr std::array kHarmful = {
    Range{0x0000, 0x001f}, Range{0x007f, 0x009f}, Range{0x061c, 0x061c}, Range{0x200e, 0x200f},
    Range{0x2028, 0x202e}, Range{0x2066, 0x2069}, Range{0xfeff, 0xfeff}, Range{0xfff9, 0xfffb},
};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t value) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), value,
                       [](char32_t wanted, const Range& range) { return wanted < range.first; });
  return after != ranges.begin() && value <= std::prev(after)->last;
}

std::size_t sequence_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// Not valid: overlong forms, surrogates, values past U+10FFFF, sequences cut short (RFC 3629, section 3).
CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = sequence_size(lead);
  if (size == 1) return {lead, 1, true};
  if (size == 0 || size > text.size()) return {lead, 1, false};

  char32_t value = lead & (0x7fU >> size);
  for (std::size_t index = 1; index < size; ++index) {
    const auto next = static_cast<unsigned char>(text[index]);
    if ((next & 0xc0U) != 0x80U) return {lead, 1, false};
    value = value << 6 | (next & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[size] || surrogate || value > 0x10ffff) return {lead, 1, false};
  return {value, size, true};
}

std::size_t width_of(char32_t value) {
  if (value < 0x300) return 1;
  if (in(kZeroWidth, value)) return 0;
  return in(kWide, value) ? 2 : 1;
}

void append_escape(std::string& out, char32_t value) {
  switch (value) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(value);
  out += number < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
}

bool plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::string printable(std::string_view text) {
  if (plain_ascii(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (!point.valid || in(kHarmful, point.value)) {
      append_escape(out, point.value);
    } else {
      out.append(text.substr(0, point.size));
    }
    text.remove_prefix(point.size);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  if (plain_ascii(text)) return text.size();  // nearly always
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = decode(text);
    width += width_of(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (text.size() <= columns || display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint point = decode(text.substr(bytes));
    if (used + width_of(point.value) > columns - 1) break;
    used += width_of(point.value);
    bytes += point.size;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string format_duration(std::uint64_t nanos) {
  constexpr std::uint64_t kMicro = 1'000;
  constexpr std::uint64_t kMilli = 1'000'000;
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto in_unit = [nanos](std::uint64_t unit) {
    return static_cast<double>(nanos) / static_cast<double>(unit);
  };
  if (nanos < kMicro) return fmt::format("{} ns", nanos);
  if (nanos < kMilli - kMicro / 2) return fmt::format("{:.0f} µs", in_unit(kMicro));
  if (nanos < 10 * kMilli - kMilli / 20) return fmt::format("{:.1f} ms", in_unit(kMilli));
  if (nanos < 60 * kSecond - kSecond / 200) return fmt::format("{:.2f} s", in_unit(kSecond));

  const std::uint64_t seconds = nanos / kSecond + (nanos % kSecond >= kSecond / 2 ? 1 : 0);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  const std::uint64_t minutes = (seconds + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string format_count(std::uint64_t count) {
  std::string out = std::to_string(count);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ' ');
  }
  return out;
}

std::string format_usd(double usd) {
  if (!std::isfinite(usd) || usd < 0) return {};
  if (usd >= 1) return fmt::format("${:.2f}", usd);
  if (usd >= 0.001 || usd == 0) return fmt::format("${:.4f}", usd);
  const int decimals = std::min(12, 2 - static_cast<int>(std::floor(std::log10(usd))) - 1);
  return fmt::format("${:.{}f}", usd, decimals);
}

}  // namespace llmo::console
