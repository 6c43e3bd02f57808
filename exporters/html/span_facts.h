// What the page asks of a span beyond the summary that the tree shows (console/span_summary.h).
#pragma once

#include <string>

#include "exporters/span/span.h"

namespace llmo::html {

// Texts are printable and short (console/text.h); an empty one has nothing to say.
struct SpanFacts {
  std::string service;
  std::string thread_name;
  SpanKind kind = SpanKind::kUnspecified;
};

SpanFacts facts_of(const Span& span);

}  // namespace llmo::html
