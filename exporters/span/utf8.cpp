#include "exporters/span/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace llmo {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// A sequence's length by its first byte and the range of its second one (Unicode 15, table 3-7). That range
// is what keeps out overlong forms, surrogates and values beyond U+10FFFF.
struct Sequence {
  std::size_t length = 0;  // 0: no sequence starts with this byte
  unsigned char second_low = 0x80;
  unsigned char second_high = 0xbf;
};

Sequence sequence_of(unsigned char first) {
  if (first < 0x80) return {1};
  if (first < 0xc2 || first > 0xf4) return {0};
  if (first < 0xe0) return {2};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {4};
}

struct Part {
  std::size_t size;  // bytes that belong together, at least 1
  bool valid;
};

Part next_part(std::string_view text) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
  if (sequence.length == 0) return {1, false};
  unsigned char low = sequence.second_low;
  unsigned char high = sequence.second_high;
  for (std::size_t i = 1; i < sequence.length; ++i) {
    if (i >= text.size()) return {i, false};
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < low || byte > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {sequence.length, true};
}

}  // namespace

// Eight bytes at a time.
bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (; at + sizeof seen <= text.size(); at += sizeof seen) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    seen |= eight;
  }
  for (; at < text.size(); ++at) seen |= static_cast<unsigned char>(text[at]);
  return (seen & kHighBits) == 0;
}

std::string valid_utf8(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Part part = next_part(text);
    result += part.valid ? text.substr(0, part.size) : kReplacement;
    text.remove_prefix(part.size);
  }
  return result;
}

}  // namespace llmo
