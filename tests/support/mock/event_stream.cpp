#include "tests/support/mock/event_stream.h"

#include <zlib.h>

#include <cstdint>

namespace llmo::test {
namespace {

constexpr char kTextHeader = 7;
constexpr std::size_t kFraming = 16;  // two lengths and two checksums

std::string big_endian(std::uint32_t number, unsigned bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(number >> (8 * bytes));
  return text;
}

std::string checksum(std::string_view bytes) {
  return big_endian(static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                                                       static_cast<uInt>(bytes.size()))),
                    4);
}

std::string header(std::string_view name, std::string_view value) {
  std::string text = big_endian(static_cast<std::uint32_t>(name.size()), 1);
  text.append(name) += kTextHeader;
  return text.append(big_endian(static_cast<std::uint32_t>(value.size()), 2)).append(value);
}

std::string message(const std::string& headers, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(kFraming + headers.size() + payload.size());
  std::string text = big_endian(size, 4) + big_endian(static_cast<std::uint32_t>(headers.size()), 4);
  text += checksum(text);
  text.append(headers).append(payload);
  return text + checksum(text);
}

}  // namespace

std::string event_message(std::string_view type, std::string_view payload) {
  return message(header(":event-type", type) + header(":content-type", "application/json") +
                     header(":message-type", "event"),
                 payload);
}

std::string exception_message(std::string_view type, std::string_view payload) {
  return message(header(":exception-type", type) + header(":content-type", "application/json") +
                     header(":message-type", "exception"),
                 payload);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t byte = at; byte < at + 3; ++byte)
      group = group << 8 | (byte < bytes.size() ? static_cast<unsigned char>(bytes[byte]) : 0U);
    for (unsigned digit = 0; digit < 4; ++digit)
      text += at + digit > bytes.size() ? '=' : kDigits[group >> (18 - 6 * digit) & 63];
  }
  return text;
}

}  // namespace llmo::test
