// What a span needs to know of its parent, and what goes on the wire: the W3C trace context.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "shim/journal/format.h"

namespace llmo::span {

using journal::TraceId;

// A position in a trace. `flags` are journal::kFlag* bits: what new spans below it inherit, and whether it
// came from another process. With no trace at all it is empty: spans that begin there are roots.
struct SpanContext {
  TraceId trace{};
  std::uint64_t span = 0;
  std::uint32_t flags = 0;

  bool empty() const { return span == 0; }
  friend bool operator==(const SpanContext&, const SpanContext&) = default;
};

// The text form of a traceparent header, version 00, without a terminating NUL (W3C Trace Context 3.2).
inline constexpr std::size_t kTraceparentSize = 55;
using Traceparent = std::array<char, kTraceparentSize>;

Traceparent format_traceparent(const SpanContext& context);

// Reads a traceparent as the W3C rules say; nothing for one that has to be ignored. The context that comes
// back has kFlagParentRemote set. Blanks around the value are trimmed.
std::optional<SpanContext> parse_traceparent(std::string_view text);

}  // namespace llmo::span
