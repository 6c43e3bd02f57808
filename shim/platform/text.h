// Numbers as text, without locale or allocation beyond the string itself.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace llmo::platform {

inline void append_number(std::string& text, std::uint64_t number, int base = 10) {
  char digits[64];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, number, base).ptr);
}

}  // namespace llmo::platform
