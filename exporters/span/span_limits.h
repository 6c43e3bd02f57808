// How much one span may hold: OpenTelemetry's span limits.
#pragma once

#include <cstdint>
#include <span>

#include "exporters/config/environment_reader.h"
#include "exporters/span/span.h"
#include "shim/config/settings.h"

namespace llmo {

struct SpanLimits {
  static constexpr std::uint64_t kNone = UINT64_MAX;

  std::uint64_t attributes = 128;
  std::uint64_t events = 128;
  std::uint64_t links = 128;
  std::uint64_t event_attributes = 128;
  std::uint64_t link_attributes = 128;
  std::uint64_t value_length = kNone;  // of each string, in characters
};

// What cannot be read keeps its default and leaves a note.
SpanLimits read_span_limits(config::EnvironmentReader& environment);

// Takes off what is beyond the limits, from the ends of the lists, and counts it; cuts strings.
void apply_limits(const SpanLimits& limits, Span& span);

// For help texts and the README.
std::span<const config::SettingInfo> span_limit_table();

}  // namespace llmo
