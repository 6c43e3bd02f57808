// Where the spans of a conversion go: one for each format.
#pragma once

#include "exporters/span/span.h"

namespace llmo::convert {

class SpanSink {
 public:
  SpanSink() = default;
  SpanSink(const SpanSink&) = delete;
  SpanSink& operator=(const SpanSink&) = delete;
  virtual ~SpanSink() = default;

  virtual void take(Span&& span) = 0;

  // After the last span. What could not be written is known to the output. Returns false, with errno, where
  // the sink itself could not do its work.
  virtual bool finish() = 0;
};

}  // namespace llmo::convert
