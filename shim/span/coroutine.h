// Coroutines as spans: what the hooks of their functions have to tell.
//
// A coroutine's span begins as the call of its ramp and leaves the thread's stack when the coroutine frame is
// known. From then on it has a place of its own in the journal, and each stretch in which the coroutine runs
// is a scope (span/coroutine_slice.h).
//
//   gcc     resume and destroy functions are instrumented: their hooks begin and end slices. The ramp calls
//           the resume function for the first stretch.
//   clang   they are not: when the ramp returns, the two addresses at the start of the frame are exchanged
//           for functions of ours (span/coroutine_runner.h). The ramp itself is the first stretch.
#pragma once

#include "shim/span/coroutine_frame.h"
#include "shim/span/function_table.h"

namespace llmo::span {

// A part of a coroutine is entered or left. Not in a SlowSection. Keep errno. Signals: safe.
void enter_coroutine_part(const TracedFunction& part, const HookCall& hook);
void exit_coroutine_part(const TracedFunction& part, const HookCall& hook);

}  // namespace llmo::span
