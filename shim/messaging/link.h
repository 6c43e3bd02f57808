// A link to the span that a message carries.
#pragma once

#include "shim/journal/format.h"
#include "shim/span/context.h"

namespace llmo::messaging {

inline journal::Link link_to(const span::SpanContext& sender) {
  return {sender.trace, sender.span, sender.flags & journal::kRecordFlagsMask, 0};
}

}  // namespace llmo::messaging
