#include "exporters/views/percentiles.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace llmo::views {
namespace {

constexpr unsigned kBits = 7;  // 128 ranges for each doubling; values below have one each
constexpr std::size_t kRanges = (64 - kBits + 1) << kBits;

std::size_t range_of(std::uint64_t value) {
  if (value >> kBits == 0) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kBits;
  return (static_cast<std::size_t>(shift + 1) << kBits) + ((value >> shift) - (1U << kBits));
}

// The middle of a range.
std::uint64_t value_of(std::size_t range) {
  if (range >> kBits == 0) return range;
  const auto shift = static_cast<unsigned>(range >> kBits) - 1;
  const std::uint64_t first = ((range & ((1U << kBits) - 1)) + (1U << kBits)) << shift;
  return first + ((std::uint64_t{1} << shift) >> 1);
}

}  // namespace

void Percentiles::add(std::uint64_t value) {
  ++count_;
  max_ = std::max(max_, value);
  if (!counts_.empty()) {
    ++counts_[range_of(value)];
    return;
  }
  values_.push_back(value);
  if (values_.size() > kExact) count_in_ranges();
}

void Percentiles::count_in_ranges() {
  counts_.resize(kRanges);
  for (const std::uint64_t value : values_) ++counts_[range_of(value)];
  values_ = {};
}

std::optional<std::uint64_t> Percentiles::at(double percent) const {
  if (count_ == 0) return std::nullopt;
  const double wanted = std::ceil(static_cast<double>(count_) * percent / 100);
  const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  if (rank == count_) return max_;
  if (counts_.empty()) {
    const auto place = values_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(values_.begin(), place, values_.end());
    return *place;
  }
  std::uint64_t before = 0;
  for (std::size_t range = 0; range < counts_.size(); ++range) {
    before += counts_[range];
    if (before >= rank) return std::min(value_of(range), max_);
  }
  return max_;
}

}  // namespace llmo::views
