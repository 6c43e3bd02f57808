// A place in the source as attributes.
#pragma once

#include "exporters/span/attribute_list.h"
#include "exporters/span/code_lookup.h"

namespace llmo {

// Sets `code.file.path` and `code.line.number`, each where it is known.
void set_position(const SourcePosition& position, AttributeList& attributes);

}  // namespace llmo
