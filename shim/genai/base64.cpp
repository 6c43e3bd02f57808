#include "shim/genai/base64.h"

#include <array>

namespace llmo::genai {
namespace {

constexpr std::int8_t kNoDigit = -1;

consteval std::array<std::int8_t, 256> digits() {
  std::array<std::int8_t, 256> values = {};
  values.fill(kNoDigit);
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t digit = 0; digit < kDigits.size(); ++digit)
    values[static_cast<unsigned char>(kDigits[digit])] = static_cast<std::int8_t>(digit);
  return values;
}

constexpr std::array<std::int8_t, 256> kDigitValues = digits();

}  // namespace

void Base64Reader::feed(std::string_view text, DocumentSink* sink) {
  char decoded[256];
  std::size_t size = 0;
  for (const char byte : text) {
    const std::int8_t digit = kDigitValues[static_cast<unsigned char>(byte)];
    if (digit == kNoDigit) continue;
    bits_ = bits_ << 6 | static_cast<std::uint32_t>(digit);
    bit_count_ += 6;
    if (bit_count_ < 8) continue;
    bit_count_ -= 8;
    decoded[size++] = static_cast<char>(bits_ >> bit_count_ & 0xff);
    if (size < sizeof decoded) continue;
    sink->on_document_bytes({decoded, size});
    size = 0;
  }
  if (size > 0) sink->on_document_bytes({decoded, size});
}

}  // namespace llmo::genai
