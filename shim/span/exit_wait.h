// The end of the process, where its traces would end with it.
#pragma once

#include "shim/journal/format.h"

namespace llmo::span {

// Does not wait as a rule: the exporter goes on without us. In a container whose first process this is,
// everything ends with it, so it waits, up to two seconds, until the exporter has taken all finished spans;
// LLMOBSERVE_EXIT_WAIT_MS asks for the same with a time of its own.
//
// The calls that the thread has open are closed before, as `open_calls`: nobody would be left to do it.
void wait_for_export(journal::EndKind open_calls);

}  // namespace llmo::span
