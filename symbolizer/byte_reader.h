// Reads numbers and strings from bytes that nobody has checked: files that may be cut, damaged or hostile.
//
// A read past the end gives zero (or an empty string) and makes ok() false for good, so a parser reads a
// whole group of fields and asks once. Little endian, as x86-64 files are; no alignment is assumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace llmo::symbolizer {

using Bytes = std::span<const std::byte>;

// The part of `bytes` that starts at `offset` and has `size` bytes; empty where it does not lie inside.
inline Bytes slice(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return {};
  return bytes.subspan(offset, size);
}

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes, std::uint64_t offset = 0)
      : bytes_(bytes), position_(offset), ok_(offset <= bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return !ok_ || position_ == bytes_.size(); }
  std::uint64_t position() const { return position_; }

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint16_t u16() { return fixed<std::uint16_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }

  // An unsigned number of 1, 2, 4 or 8 bytes.
  std::uint64_t number(std::size_t size);

  // LEB128 (DWARF 5, 7.6). Bits beyond the 64th are dropped.
  std::uint64_t uleb();
  std::int64_t sleb();

  // Up to the next NUL, which is skipped; not ok where there is none.
  std::string_view text();

  void skip(std::uint64_t size) {
    if (!has(size)) return fail();
    position_ += size;
  }

 private:
  bool has(std::uint64_t size) const { return ok_ && size <= bytes_.size() - position_; }
  void fail() { ok_ = false; }

  template <typename T>
  T fixed() {
    T value = 0;
    if (!has(sizeof value)) {
      fail();
      return value;
    }
    std::memcpy(&value, bytes_.data() + position_, sizeof value);
    position_ += sizeof value;
    return value;
  }

  Bytes bytes_;
  std::uint64_t position_;
  bool ok_;
};

inline std::uint64_t ByteReader::number(std::size_t size) {
  switch (size) {
    case 1:
      return u8();
    case 2:
      return u16();
    case 4:
      return u32();
    case 8:
      return u64();
    default:
      fail();
      return 0;
  }
}

inline std::uint64_t ByteReader::uleb() {
  std::uint64_t value = 0;
  unsigned shift = 0;
  std::uint8_t byte = 0;
  do {
    byte = u8();
    if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    shift += 7;
  } while ((byte & 0x80) != 0);
  return value;
}

inline std::int64_t ByteReader::sleb() {
  std::uint64_t value = 0;
  unsigned shift = 0;
  std::uint8_t byte = 0;
  do {
    byte = u8();
    if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    shift += 7;
  } while ((byte & 0x80) != 0);
  if (shift < 64 && (byte & 0x40) != 0) value |= ~std::uint64_t{0} << shift;
  return static_cast<std::int64_t>(value);
}

inline std::string_view ByteReader::text() {
  if (!ok_) return {};
  const char* const start = reinterpret_cast<const char*>(bytes_.data() + position_);
  const std::size_t rest = bytes_.size() - position_;
  const void* const end = rest == 0 ? nullptr : std::memchr(start, 0, rest);
  if (end == nullptr) {
    fail();
    return {};
  }
  const auto size = static_cast<std::size_t>(static_cast<const char*>(end) - start);
  position_ += size + 1;
  return {start, size};
}

}  // namespace llmo::symbolizer
