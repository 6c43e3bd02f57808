#include "shim/span/context.h"

#include <algorithm>

namespace llmo::span {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

char* put_hex(char* out, std::uint64_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) *out++ = kHexDigits[value >> shift & 0xf];
  return out;
}

// Lower case only: the W3C rules make upper case invalid.
std::optional<std::uint64_t> get_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char digit : text) {
    if (digit >= '0' && digit <= '9') {
      value = value << 4 | static_cast<std::uint64_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value = value << 4 | static_cast<std::uint64_t>(digit - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Traceparent format_traceparent(const SpanContext& context) {
  Traceparent text{};
  char* out = text.data();
  out = std::copy_n("00-", 3, out);
  out = put_hex(out, context.trace.high, 16);
  out = put_hex(out, context.trace.low, 16);
  *out++ = '-';
  out = put_hex(out, context.span, 16);
  *out++ = '-';
  put_hex(out, context.flags & journal::kTraceFlagsMask, 2);
  return text;
}

// version "-" trace-id "-" parent-id "-" flags, at 0, 3, 36, 53 (W3C Trace Context 3.2.2). A higher version
// may go on after a further dash; its known parts are read the same way (3.2.4).
std::optional<SpanContext> parse_traceparent(std::string_view text) {
  text = trim(text);
  if (text.size() < kTraceparentSize) return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = get_hex(text.substr(0, 2));
  const auto high = get_hex(text.substr(3, 16));
  const auto low = get_hex(text.substr(19, 16));
  const auto parent = get_hex(text.substr(36, 16));
  const auto flags = get_hex(text.substr(53, 2));
  if (!version || !high || !low || !parent || !flags) return std::nullopt;
  if (*version == 0xff || (*high | *low) == 0 || *parent == 0) return std::nullopt;
  if (text.size() > kTraceparentSize && (*version == 0 || text[kTraceparentSize] != '-')) return std::nullopt;
  const auto known_flags = static_cast<std::uint32_t>(*flags) & journal::kTraceFlagsMask;
  return SpanContext{{*high, *low}, *parent, known_flags | journal::kFlagParentRemote};
}

}  // namespace llmo::span
