// Spans as an OTLP protobuf request (opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest).
#pragma once

#include <span>
#include <string>

#include "exporters/span/span.h"

namespace llmo::otlp {

// One request; spans grouped by resource. Appends to `out`. Source: opentelemetry-proto 1.x, trace.proto.
void append_otlp_protobuf(std::span<const Span> spans, std::string& out);

}  // namespace llmo::otlp
