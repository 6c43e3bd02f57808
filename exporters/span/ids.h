// Ids that the exporter makes itself: derived from what names a process, not random, as an exporter that
// takes over from one that was killed has to come to the same.
#pragma once

#include <cstdint>

namespace llmo {

// splitmix64's finaliser: every bit of the result depends on every bit of the value.
constexpr std::uint64_t mix_bits(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

constexpr std::uint64_t process_hash(std::uint64_t pid, std::uint64_t start,
                                     std::uint64_t opened_unix_nanos) {
  return mix_bits(start ^ mix_bits(pid ^ mix_bits(opened_unix_nanos)));
}

}  // namespace llmo
