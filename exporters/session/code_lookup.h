// Names and source positions for the span builder, from the modules themselves: their symbol tables, their
// debug information, their separate debug files.
#pragma once

#include <memory>

#include "exporters/span/code_lookup.h"

namespace llmo::session {

// One for a session: it keeps the modules that it has opened, a bounded number of them.
std::shared_ptr<CodeLookup> make_code_lookup();

}  // namespace llmo::session
