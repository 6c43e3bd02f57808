// What a trace itself says was lost: the span `llmobserve.diagnostics`.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/otlp_reader.h"

namespace llmo::test {

// Spans that were lost, as all diagnostics of the trace together count them.
inline std::uint64_t lost_spans(const std::vector<Span>& spans) {
  std::uint64_t lost = 0;
  for (const Span& span : spans_named(spans, "llmobserve.diagnostics")) {
    for (const char* key : {"llmobserve.lost.spans", "llmobserve.lost.frames"}) {
      const auto found = span.attributes.find(key);
      if (found != span.attributes.end())
        lost += static_cast<std::uint64_t>(std::get<std::int64_t>(found->second));
    }
  }
  return lost;
}

}  // namespace llmo::test
