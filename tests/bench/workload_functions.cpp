// What is called: see workload.h.
//
// Nothing here but the functions themselves runs at run time, so every hook call is one that the benchmark
// counts.
#include "tests/bench/workload.h"

#include <utility>

// Keeps each call a call: no inlining, no cloning, no folding of equal functions. bench.mk takes gcc for this
// file; the other word is for tools that read it with clang.
#ifdef __clang__
#define LLMO_ONE_CALL [[gnu::noinline]]
#else
#define LLMO_ONE_CALL [[gnu::noipa]]
#endif

namespace llmo::bench {

LLMO_ONE_CALL unsigned leaf(unsigned value) { return value * 1664525U + 1013904223U; }

LLMO_ONE_CALL unsigned never_called(unsigned value) { return value * 3U; }

LLMO_ONE_CALL unsigned descend(unsigned depth, unsigned value) {
  value = value * 1664525U + depth;
  if (depth > 1) value = descend(depth - 1, value);
  asm volatile("" : "+r"(value));  // else the uninstrumented build makes a loop of it
  return value;
}

namespace {

template <std::size_t kNumber>
LLMO_ONE_CALL unsigned step(unsigned value) {
  return value * 1664525U + static_cast<unsigned>(kNumber);
}

template <std::size_t... kNumbers>
consteval std::array<Step, sizeof...(kNumbers)> steps(std::index_sequence<kNumbers...>) {
  return {step<kNumbers>...};
}

}  // namespace

constinit const std::array<Step, kDistinctFunctions> kSteps =
    steps(std::make_index_sequence<kDistinctFunctions>{});

}  // namespace llmo::bench
