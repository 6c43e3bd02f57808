// The calls that a host has left out of the trace and counted (BlockKind::kLeftOut).
#pragma once

#include <vector>

#include "exporters/session/journal_file.h"
#include "exporters/span/clock.h"
#include "exporters/span/definitions.h"
#include "exporters/span/diagnostics.h"

namespace llmo::session {

// By function and reason, the most calls first; no more than a hundred, the last of which stands for all the
// others.
std::vector<LeftOutCalls> left_out_calls(const JournalFile& file, const Definitions& definitions,
                                         const TickClock& clock);

}  // namespace llmo::session
