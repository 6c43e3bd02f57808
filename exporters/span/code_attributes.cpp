#include "exporters/span/code_attributes.h"

#include <cstdint>

#include "exporters/span/utf8.h"

namespace llmo {

void set_position(const SourcePosition& position, AttributeList& attributes) {
  if (position.file.empty()) return;
  set_attribute(attributes, "code.file.path", valid_utf8(position.file));
  if (position.line != 0) set_attribute(attributes, "code.line.number", std::int64_t{position.line});
}

}  // namespace llmo
