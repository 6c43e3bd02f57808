// Reads OTLP protobuf requests the way a foreign reader would: as otlp_reader.h does for JSON.
#pragma once

#include <string_view>
#include <vector>

#include "tests/support/otlp_reader.h"

namespace llmo::test {

// All spans of one ExportTraceServiceRequest. Throws where a field has a type that it must not have, and
// where there is a field that OTLP does not know.
std::vector<Span> read_otlp_protobuf(std::string_view request);

}  // namespace llmo::test
