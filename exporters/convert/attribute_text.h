// Attributes as JSON, for formats that have no types of their own for them.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

#include "exporters/span/span.h"

namespace llmo::convert {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

// Whole numbers that a double does not hold, NaN and infinities are strings.
void put_value(JsonWriter& out, const AttributeValue& value);

// Members of an object that is open.
void put_members(JsonWriter& out, const AttributeList& attributes);

// `client`, `internal`; empty for kUnspecified.
std::string_view kind_name(SpanKind kind);
// `ok`, `error`; empty for kUnset.
std::string_view status_name(StatusCode status);

}  // namespace llmo::convert
