// What a journal says of a span, checked but not yet put into OpenTelemetry's words: the builder's input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "shim/journal/format.h"

namespace llmo {

// What every span of a journal has. Ids are not zero, `end_ticks` may lie before `start_ticks`. The views
// live as long as the buffer that was read.
struct RawSpanBase {
  std::uint32_t flags = 0;  // journal::kFlag* bits
  std::uint64_t start_ticks = 0;
  std::uint64_t end_ticks = 0;
  std::uint64_t span_id = 0;
  std::uint64_t parent_span_id = 0;
  journal::TraceId trace{};
  journal::EndKind end_kind = journal::EndKind::kReturned;
  journal::SpanStatus status = journal::SpanStatus::kUnset;
  int signal = 0;         // what its process died of, where end_kind is kSignal
  std::uint32_t tid = 0;  // 0: unknown
  std::string_view thread_name;
  std::span<const std::byte> attributes;  // as format.h lays them out, not yet checked
};

// A call of a traced function.
struct RawCall : RawSpanBase {
  std::uint32_t function = 0;
};

// Any other span.
struct RawSpan : RawSpanBase {
  journal::SpanKind kind = journal::SpanKind::kInternal;
  std::string_view name;
  std::string_view status_message;
};

}  // namespace llmo
