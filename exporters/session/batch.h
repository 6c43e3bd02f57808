// Spans on their way out, with what has to be noted in the journals once they are out.
#pragma once

#include <vector>

#include "exporters/session/export_state.h"
#include "exporters/span/span.h"

namespace llmo::session {

struct Batch {
  std::vector<Span> spans;         // may be empty where all records were damaged
  std::vector<JournalPart> parts;  // one a journal

  bool empty() const { return spans.empty() && parts.empty(); }
};

}  // namespace llmo::session
