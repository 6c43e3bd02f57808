// One number for a trace's and a span's id together.
#pragma once

#include <cstdint>

#include "exporters/span/span.h"

namespace llmo::convert {

// A strong mixer of 64 bits (the finaliser of splitmix64): the ids of others need not be random.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

// 0 for no span, and for that only.
constexpr std::uint64_t span_key(const TraceId& trace, std::uint64_t span_id) {
  if (span_id == 0) return 0;
  const std::uint64_t key = mixed(mixed(mixed(trace.high) + trace.low) + span_id);
  return key == 0 ? 1 : key;
}

}  // namespace llmo::convert
