// Attributes as fields of an OTLP protobuf message.
#pragma once

#include <protozero/types.hpp>

#include <string>

#include "exporters/span/attribute_list.h"

namespace llmo::otlp {

// Adds a KeyValue, as field `field` (below 16), to the fields of a message that stand at the end of `out`.
void add_attribute(std::string& out, protozero::pbf_tag_type field, const Attribute& attribute);

}  // namespace llmo::otlp
