// How a program that is measured takes the time of what it does: in batches, of which the median counts. It
// is included by those programs alone: nothing of llmobserve's is, and none of this is instrumented.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <vector>

#define PLAIN __attribute__((no_instrument_function, noinline))

namespace llmo::bench {

// How long one of `count` calls of `work` took, in nanoseconds.
template <typename Work>
PLAIN double nanos_of_batch(const Work& work, int count) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) work();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / count;
}

// Says it as with_without.h wants it. At least one batch.
PLAIN inline void print_median(std::vector<double> nanos) {
  const auto middle = nanos.begin() + static_cast<std::ptrdiff_t>(nanos.size() / 2);
  std::nth_element(nanos.begin(), middle, nanos.end());
  std::printf("nanos %.1f\n", *middle);
}

// `work` in `batches` of `count` calls, and `between` after each.
template <typename Work, typename Between>
PLAIN void measure(const Work& work, int batches, int count, const Between& between) {
  std::vector<double> nanos;
  for (int batch = 0; batch < batches; ++batch) {
    nanos.push_back(nanos_of_batch(work, count));
    between();
  }
  print_median(nanos);
}

template <typename Work>
PLAIN void measure(const Work& work, int batches, int count) {
  measure(work, batches, count, [] {});
}

}  // namespace llmo::bench
