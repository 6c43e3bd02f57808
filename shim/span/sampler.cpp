#include "shim/span/sampler.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "shim/config/text.h"
#include "shim/platform/export.h"

namespace llmo::span {

namespace {

// 14 hexadecimal digits.
std::optional<std::uint64_t> parse_randomness(std::string_view digits) {
  constexpr std::size_t kDigits = 14;
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != kDigits || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// What the `rv` of OpenTelemetry's entry says: `ot=th:c;rv:6e6d1a75832a2f`.
std::optional<std::uint64_t> explicit_randomness(std::string_view tracestate) {
  std::optional<std::uint64_t> found;
  config::for_each_entry(tracestate, [&found](std::string_view entry) {
    if (!entry.starts_with("ot=")) return;
    entry.remove_prefix(3);
    while (!entry.empty()) {
      const std::size_t end = std::min(entry.find(';'), entry.size());
      if (entry.starts_with("rv:")) found = parse_randomness(entry.substr(3, end - 3));
      entry.remove_prefix(std::min(end + 1, entry.size()));
    }
  });
  return found;
}

}  // namespace

std::uint64_t rejection_threshold(const config::Settings& settings) {
  switch (settings.sampler) {
    case config::Sampler::kAlwaysOn:
      return 0;
    case config::Sampler::kAlwaysOff:
      return config::kWholeShare;
    case config::Sampler::kRatio:
      break;
  }
  return config::kWholeShare - settings.sampled_share;
}

LLMO_COLD void set_sampler(const config::Settings& settings) {
  hot_state.rejection_threshold.store(rejection_threshold(settings), std::memory_order_relaxed);
}

bool records_nothing(const config::Settings& settings) {
  return !settings.sampler_asks_parent && rejection_threshold(settings) == config::kWholeShare;
}

SpanContext sampled_as_here(SpanContext remote, std::string_view tracestate,
                            const config::Settings& settings) {
  if (settings.sampler_asks_parent || remote.empty()) return remote;
  const std::uint64_t own = remote.trace.low & kRandomnessMask;
  const bool is_sampled = explicit_randomness(tracestate).value_or(own) >= rejection_threshold(settings);
  remote.flags &= ~journal::kFlagSampled;
  if (is_sampled) remote.flags |= journal::kFlagSampled;
  return remote;
}

}  // namespace llmo::span
