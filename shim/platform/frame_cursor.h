// Reading what compilers wrote about frames: numbers of variable size, and pointers in several formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace llmo::platform {

// Encodings of pointers (LSB 10.5.1).
inline constexpr std::uint8_t kFormatMask = 0x0f;
inline constexpr std::uint8_t kRelativeToPlace = 0x10;
inline constexpr std::uint8_t kRelativeToTable = 0x30;
inline constexpr std::uint8_t kSigned4 = 0x0b;
inline constexpr std::uint8_t kUnsigned4 = 0x03;

// Goes forward through some bytes; past their end it fails, and reads zeros.
class Cursor {
 public:
  Cursor(const std::byte* at, const std::byte* end) : at_(at), end_(end) {}

  const std::byte* at() const { return at_; }
  bool done() const { return at_ >= end_; }
  bool failed() const { return failed_; }
  void fail() { failed_ = true, at_ = end_; }

  template <typename T>
  T read() {
    T value{};
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) return fail(), value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  void skip(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(end_ - at_)) return fail();
    at_ += count;
  }

  // LEB128 (DWARF 4, 7.6).
  std::uint64_t unsigned_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; !done() && shift < 64; shift += 7) {
      const auto byte = read<std::uint8_t>();
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return fail(), 0;
  }

  std::int64_t signed_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; !done() && shift < 64;) {
      const auto byte = read<std::uint8_t>();
      value |= std::uint64_t{byte & 0x7fU} << shift;
      shift += 7;
      if ((byte & 0x80) != 0) continue;
      if ((byte & 0x40) != 0 && shift < 64) value |= ~std::uint64_t{0} << shift;
      return static_cast<std::int64_t>(value);
    }
    return fail(), 0;
  }

  // Only of the formats that are met in practice.
  std::uint64_t encoded(std::uint8_t encoding) {
    const auto place = reinterpret_cast<std::uint64_t>(at_);
    std::uint64_t value = 0;
    switch (encoding & kFormatMask) {
      case 0x00:
      case 0x04:
      case 0x0c:
        value = read<std::uint64_t>();
        break;
      case kUnsigned4:
        value = read<std::uint32_t>();
        break;
      case kSigned4:
        value = static_cast<std::uint64_t>(std::int64_t{read<std::int32_t>()});
        break;
      default:
        fail();
    }
    if ((encoding & ~kFormatMask) == kRelativeToPlace) return value + place;
    if ((encoding & ~kFormatMask) != 0) fail();
    return value;
  }

 private:
  const std::byte* at_;
  const std::byte* end_;
  bool failed_ = false;
};

}  // namespace llmo::platform
