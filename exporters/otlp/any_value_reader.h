// OTLP's AnyValue, from protobuf.
#pragma once

#include <protozero/pbf_reader.hpp>

#include <optional>

#include "exporters/span/span.h"

namespace llmo::otlp {

// Strings become valid UTF-8. What has no type of its own in AttributeValue becomes text: bytes are base64,
// maps and lists of anything but strings are JSON (OpenTelemetry specification, "AnyValue representation for
// non-OTLP protocols"). Returns nothing for a value that is not there. Throws protozero's exceptions where
// the bytes are damaged.
std::optional<AttributeValue> read_any_value(protozero::pbf_reader message);

}  // namespace llmo::otlp
