// Trace and span ids: random numbers that differ between threads, processes and machines.
//
// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), one state a thread,
// seeded by the kernel. Ids have to be unlike, not secret.
#pragma once

#include <cstdint>

#include "shim/platform/syscalls.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// The state is moved by one instruction: a signal handler that came between reading and writing it would be
// given the same number.
inline std::uint64_t random_number(std::uint64_t& state) {
  std::uint64_t mixed = 0x9e3779b97f4a7c15;
  __asm__ volatile("xadd %0, %1" : "+r"(mixed), "+m"(state) : : "cc");
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

inline constexpr unsigned kNonBlocking = 1;  // GRND_NONBLOCK, getrandom(2)

// Where the kernel has no randomness yet, time and thread have to do.
inline void seed_ids(ThreadState& thread, std::uint64_t fallback) {
  std::uint64_t seed = 0;
  if (platform::sys::getrandom(&seed, sizeof seed, kNonBlocking) != sizeof seed) {
    seed = fallback ^ static_cast<std::uint64_t>(platform::sys::gettid()) << 40;
  }
  thread.random = seed | 1;
}

// Never 0, which means "no id". The thread must be seeded.
inline std::uint64_t new_span_id(ThreadState& thread) {
  const std::uint64_t id = random_number(thread.random);
  return id != 0 ? id : 1;
}

inline TraceId new_trace_id(ThreadState& thread) {
  return {random_number(thread.random), new_span_id(thread)};
}

}  // namespace llmo::span
