// Source positions for the span builder, from the debug information of the modules themselves.
#pragma once

#include "exporters/span/span_builder.h"

namespace llmo::session {

// One for a session: it keeps the modules that it has opened.
SourceLookup make_source_lookup();

}  // namespace llmo::session
