// Time in the host: ticks of the cheapest clock that can be trusted.
//
// Reading the clock is most of what recording a span costs. The TSC takes half of what clock_gettime() takes,
// but is only used where it counts at one rate on all processors and in all power states
// (CPUID.80000007H:EDX[8], Intel SDM vol. 3, 18.17.1) and the kernel itself keeps time by it.
#pragma once

#include <x86intrin.h>

#include <cstdint>

#include "shim/journal/format.h"

namespace llmo::platform {

// Finds out which clock to use. Before it was called, ticks are CLOCK_MONOTONIC nanoseconds.
// Once, while no other thread reads the clock.
void choose_clock();

journal::ClockKind clock_kind();

// CLOCK_MONOTONIC, by the vDSO where there is one.
std::uint64_t monotonic_nanos();

// The three clocks at (nearly) one instant.
journal::ClockPair read_clock_pair();

namespace detail {
extern constinit bool clock_is_tsc;
}

// Signals: safe. Not ordered against the instructions around it, as spans do not need it.
inline std::uint64_t now_ticks() { return detail::clock_is_tsc ? __rdtsc() : monotonic_nanos(); }

}  // namespace llmo::platform
