#include "tests/bench/samples.h"

#include <algorithm>
#include <cstdio>

namespace llmo::bench {
namespace {

template <typename Combine>
std::optional<double> median_of_pairs(const Series& left, const Series& right, Combine combine) {
  std::vector<double> values;
  for (std::size_t round = 0; round < std::min(left.size(), right.size()); ++round) {
    if (left[round] && right[round]) values.push_back(combine(*left[round], *right[round]));
  }
  return median(std::move(values));
}

}  // namespace

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::optional<double> median_of(const Series& series) {
  std::vector<double> values;
  for (const std::optional<double>& value : series) {
    if (value) values.push_back(*value);
  }
  return median(std::move(values));
}

std::optional<double> median_ratio(const Series& numerator, const Series& denominator) {
  return median_of_pairs(numerator, denominator, [](double above, double below) { return above / below; });
}

std::optional<double> median_difference(const Series& minuend, const Series& subtrahend) {
  return median_of_pairs(minuend, subtrahend, [](double from, double taken) { return from - taken; });
}

std::string text_of(std::optional<double> value, int decimals) {
  if (!value) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, *value);
  return text;
}

}  // namespace llmo::bench
