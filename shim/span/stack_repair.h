// Closing frames: that of a call that ends, and those of calls that were left without a word.
//
// All of it in a SlowSection, on the stack that the thread runs on now.
#pragma once

#include "shim/journal/format.h"
#include "shim/span/stack_frames.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// Closes the innermost open call or scope. A slot above it that was claimed and never filled goes with it.
void close_top_call(ThreadState& thread, journal::EndKind end);

// Closes all above `last`, or all there is.
void close_above(ThreadState& thread, const Frame* last, journal::EndKind end);

// Closes, before a call of `function` opens, what its stack address shows to be dead.
void close_dead_calls(ThreadState& thread, std::uint32_t function, Address call_site, Address stack_address);

// The call that an exit belongs to; nullptr where none does.
Frame* find_call(const StackState& stack, std::uint32_t function, Address call_site, Address stack_address);

// Takes the top frame, a scope's, off; nobody is told.
void take_off_scope(StackState& stack);

// The end of the stack: closes all, and gives back what it holds.
void close_stack(ThreadState& thread, journal::EndKind end);

}  // namespace llmo::span
