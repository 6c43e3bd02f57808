// Spans on their way out, with what has to be noted in the journals once they are out.
#pragma once

#include <string>
#include <vector>

#include "exporters/session/export_state.h"
#include "exporters/span/span.h"

namespace llmo::session {

// What a batch changes in the log of spans that are read and not yet decided on (keep_filter.h).
struct WaitingChanges {
  bool whole = false;  // `text` is the log anew, in place of what it holds
  std::string text;    // whole lines

  bool empty() const { return !whole && text.empty(); }
};

struct Batch {
  std::vector<Span> spans;         // may be empty where all records were damaged
  std::vector<JournalPart> parts;  // one a journal
  WaitingChanges waiting;

  bool empty() const { return spans.empty() && parts.empty() && waiting.empty(); }
};

}  // namespace llmo::session
