// What was measured, and what it comes to.
//
// The speed of a machine drifts by more than the differences that are looked for. So subjects take turns,
// only figures of the same round are divided by each other, and the median of those ratios is what counts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace llmo::bench {

// The middle value (the lower one of two), or nothing where there is none.
std::optional<double> median(std::vector<double> values);

// One figure per round; a round that failed has none.
using Series = std::vector<std::optional<double>>;

std::optional<double> median_of(const Series& series);

// Median of the ratios within the rounds that have both.
std::optional<double> median_ratio(const Series& numerator, const Series& denominator);

// Median of the differences within the rounds that have both.
std::optional<double> median_difference(const Series& minuend, const Series& subtrahend);

// With so many decimals, or a dash.
std::string text_of(std::optional<double> value, int decimals);

}  // namespace llmo::bench
