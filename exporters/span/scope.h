// Whose library made a span, when it is read back from a file.
#pragma once

#include <memory>

#include "exporters/span/span.h"

namespace llmo {

// For Span::scope: null where `scope` is what llmobserve of this version puts on its own spans.
std::shared_ptr<const Scope> shared_scope(Scope scope);

}  // namespace llmo
