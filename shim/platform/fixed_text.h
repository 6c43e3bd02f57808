// Text of bounded size that lives inside its owner: no heap, and a copy is a copy of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace llmo::platform {

// The length of the longest beginning of `text` that is at most `limit` bytes and does not end inside a UTF-8
// character. Bytes that are no UTF-8 are cut anywhere.
constexpr std::size_t utf8_prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  std::size_t end = limit;
  // A character has at most three continuation bytes; more than that in a row is no UTF-8.
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++back) {
    --end;
  }
  return (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80 ? limit : end;
}

template <std::size_t Capacity>
class FixedText {
 public:
  static_assert(Capacity <= 0xffff);

  std::string_view view() const {
    if (size_ > Capacity) __builtin_unreachable();  // append() sees to it, which the compiler cannot see
    return {bytes_, size_};
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  // Both keep what fits, cut at a UTF-8 character, and return false where they had to cut.
  bool assign(std::string_view text) {
    size_ = 0;
    return append(text);
  }
  bool append(std::string_view text) {
    const std::size_t fits = utf8_prefix(text, Capacity - size_);
    if (fits > 0) std::memcpy(bytes_ + size_, text.data(), fits);
    size_ = static_cast<std::uint16_t>(size_ + fits);
    return fits == text.size();
  }

 private:
  std::uint16_t size_ = 0;
  char bytes_[Capacity] = {};
};

}  // namespace llmo::platform
