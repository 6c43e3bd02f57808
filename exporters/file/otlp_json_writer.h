// Spans as OTLP JSON (OTLP 1.x, "JSON Protobuf Encoding", and the file exporter's format).
#pragma once

#include <span>
#include <string>

#include "exporters/span/span.h"

namespace llmo::file {

// One traces request, `{"resourceSpans":[…]}`, on one line without its newline; spans grouped by resource.
std::string to_otlp_json(std::span<const Span> spans);

}  // namespace llmo::file
