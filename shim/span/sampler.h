// Which traces are recorded: OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.
//
// Decided where a trace begins, and once more where one comes in from another process; the W3C sampled flag
// of the context carries the answer to everything below. What is not sampled is on the span stack as ever, so
// that requests, messages and children pass its context on, and leaves no record.
//
// A share of the traces is chosen as OpenTelemetry's consistent probability samplers do: the last 56 bits of
// the trace id are its randomness, and those from a threshold upwards are kept. So every process that goes by
// that rule decides alike, and a larger share holds every trace of a smaller one.
// Source: OpenTelemetry specification, TraceState Handling, "Sampling threshold value th".
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/settings.h"
#include "shim/span/context.h"
#include "shim/span/hot_state.h"

namespace llmo::span {

inline constexpr std::uint64_t kRandomnessMask = config::kWholeShare - 1;

// Traces of less randomness are not recorded: 0 keeps all, config::kWholeShare none.
std::uint64_t rejection_threshold(const config::Settings& settings);

// Has traces that begin in this process decided by `settings`. Where the hot page was wiped, again.
void set_sampler(const config::Settings& settings);

// No trace can be recorded here, wherever it comes from.
bool records_nothing(const config::Settings& settings);

// A context from another process, as what is below it here is to take it: its own flag counts where the
// sampler asks the parent. `tracestate` came with it; what it says of the randomness counts before the id.
SpanContext sampled_as_here(SpanContext remote, std::string_view tracestate,
                            const config::Settings& settings);

// The flags of the first span of a new trace. Hot: no more than a comparison.
inline std::uint32_t root_flags(TraceId trace) {
  // Relaxed: the threshold is set before anything is recorded.
  const std::uint64_t threshold = hot_state.rejection_threshold.load(std::memory_order_relaxed);
  const bool is_sampled = (trace.low & kRandomnessMask) >= threshold;
  return journal::kFlagRandom | (is_sampled ? journal::kFlagSampled : 0);
}

}  // namespace llmo::span
