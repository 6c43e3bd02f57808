// Where the calling thread is in its trace.
#pragma once

#include "shim/span/context.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// The innermost open span of the calling thread; where none is open, the context that the thread was started
// with; else the remote parent from TRACEPARENT; else empty. Frames that were left without their exit hook
// and lie below `stack_address` (the caller's frame address) are closed first, so they are never a parent.
// Signals: safe. Keeps errno.
SpanContext current_context(std::uintptr_t stack_address);

// The same, and which call it is: what a thread that is started here inherits.
Inheritance current_position(std::uintptr_t stack_address);

}  // namespace llmo::span
