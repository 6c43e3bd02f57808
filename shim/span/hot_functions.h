// Finds the functions that are called too often and too short to be worth a span each (LLMOBSERVE_THROTTLE):
// their calls are only counted from then on.
//
// What a function costs is told by the records of its calls. So nothing is counted while they are made: when
// a thread has filled a block with records in a short time, some of these blocks are looked through.
#pragma once

#include "shim/journal/format.h"

namespace llmo::span {

// A function is muted when so many calls of it have been seen within a second...
inline constexpr std::uint64_t kHotCallsPerSecond = 100'000;
// ...that took less than this on average.
inline constexpr std::uint64_t kHotCallNanos = 2'000;

// `block` is the calling thread's, full of records, and not yet handed over. In a SlowSection.
void look_for_hot_functions(const journal::BlockHeader& block);

}  // namespace llmo::span
