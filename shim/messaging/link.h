// A link to the span that a message carries.
#pragma once

#include <string_view>

#include "shim/journal/format.h"
#include "shim/span/context.h"

namespace llmo::messaging {

inline journal::Link link_to(const span::SpanContext& sender) {
  return {sender.trace, sender.span, sender.flags & journal::kRecordFlagsMask, 0};
}

// What is kept of the tracestate that came along: one that is longer than W3C Trace Context 3.3.1.5 asks
// everyone to carry on is left out whole.
inline std::string_view kept_tracestate(std::string_view tracestate) {
  constexpr std::size_t kMaxSize = 512;
  return tracestate.size() <= kMaxSize ? tracestate : std::string_view();
}

}  // namespace llmo::messaging
