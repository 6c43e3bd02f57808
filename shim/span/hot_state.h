// What every instrumented call reads, and nothing else: one page, all zero until the library records.
//
// The page is MADV_WIPEONFORK: a forked child finds zeroes, however it was forked, so it never writes to its
// parent's journal. Zero means that no address is known, and whatever is not known takes the slow path, which
// finds out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shim/span/thread_state.h"

namespace llmo::span {

// One for each byte of a module's code: what to do when a function that starts there is called. Wide enough
// that the id of a traced function needs no second look-up, which would be a second cache miss.
using Decision = std::uint16_t;
inline constexpr Decision kUndecided = 0;
inline constexpr Decision kIgnored = 1;
inline constexpr Decision kFirstTraced = 2;  // up to kLastTraced: the function's id, plus kFirstTraced
inline constexpr Decision kLastTraced = 65533;
inline constexpr Decision kTracedMuted = 65534;  // the id is found by address; its calls are only counted
inline constexpr Decision kTracedIndirectly = 65535;  // the id is found by address

constexpr bool is_direct(Decision decision) { return decision >= kFirstTraced && decision <= kLastTraced; }

// Values of `phase`; span/tracer.h says what they mean.
inline constexpr std::uint32_t kPhaseNotStarted = 0;
inline constexpr std::uint32_t kPhaseOn = 1;
inline constexpr std::uint32_t kPhaseOff = 2;

// The code of one module and what was decided for each function of it.
struct TextRange {
  Address base = 0;
  std::size_t size = 0;
  Decision* decisions = nullptr;

  bool holds(Address address) const { return address - base < size; }
};

// All modules that were seen. Readers take it without a lock, so it is never changed: a new one takes its
// place and the old one stays.
struct RangeTable {
  std::size_t count = 0;
  TextRange ranges[];
};

struct alignas(4096) HotState {
  // The module that was seen first, usually the program. Set once; `size` goes back to 0 when it is unloaded.
  std::atomic<std::size_t> size{0};
  std::atomic<Address> base{0};
  std::atomic<Decision*> decisions{nullptr};
  std::atomic<const RangeTable*> ranges{nullptr};
  std::atomic<std::uint32_t> phase{0};                // a Phase
  std::atomic<std::uint64_t> min_ticks{0};            // calls that are shorter are left out
  std::atomic<std::uint64_t> rejection_threshold{0};  // what a trace has to reach (span/sampler.h)
};

extern constinit HotState hot_state;

// True once it is known that nothing is to be recorded. Relaxed: the answer orders nothing.
inline bool is_off() { return hot_state.phase.load(std::memory_order_relaxed) == kPhaseOff; }

// Relaxed: a decision says all there is to know; what a function id stands for is in the journal before the
// decision is set.
inline Decision read_decision(const Decision* decisions, std::size_t offset) {
  return __atomic_load_n(decisions + offset, __ATOMIC_RELAXED);
}

// What the hot page knows of `address`; kUndecided where it does not know.
inline Decision hot_decision(Address address) {
  // Acquire: pairs with the release when the module is set; base and decisions are then set too.
  const std::size_t size = hot_state.size.load(std::memory_order_acquire);
  const std::size_t offset = address - hot_state.base.load(std::memory_order_relaxed);
  if (offset >= size) [[unlikely]]
    return kUndecided;
  return read_decision(hot_state.decisions.load(std::memory_order_relaxed), offset);
}

// The same for all modules that were seen.
inline Decision known_decision(Address address) {
  // Acquire: pairs with the release when the table is published.
  const RangeTable* const table = hot_state.ranges.load(std::memory_order_acquire);
  if (table == nullptr) return kUndecided;
  for (std::size_t index = 0; index < table->count; ++index) {
    const TextRange& range = table->ranges[index];
    if (range.holds(address)) return read_decision(range.decisions, address - range.base);
  }
  return kUndecided;
}

}  // namespace llmo::span
