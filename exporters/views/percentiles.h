// How long things took, of any number of them: the middle, the slow end, the slowest.
//
// Exact up to kExact values. Beyond, values are counted in ranges, 128 for each doubling, so that what is
// said is off by less than 0.8 %; memory then stays below 64 KiB, whatever comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace llmo::views {

class Percentiles {
 public:
  static constexpr std::size_t kExact = 100'000;

  void add(std::uint64_t value);
  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  bool exact() const { return counts_.empty(); }

  // The smallest value that `percent` of all values are not above (nearest rank); nothing without values.
  std::optional<std::uint64_t> at(double percent) const;

 private:
  void count_in_ranges();

  mutable std::vector<std::uint64_t> values_;  // sorted when it is asked
  std::vector<std::uint64_t> counts_;          // by range
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace llmo::views
