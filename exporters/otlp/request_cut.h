// How many spans go into one request.
#pragma once

#include <cstddef>
#include <span>

#include "exporters/span/span.h"

namespace llmo::otlp {

// The most first spans, up to `most_spans`, that are not larger than `most_bytes` as an OTLP protobuf
// request; never less than one. `spans` is not empty.
std::size_t spans_that_fit(std::span<const Span> spans, std::size_t most_spans, std::size_t most_bytes);

}  // namespace llmo::otlp
