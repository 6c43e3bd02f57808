// Stretches of a thread's work that belong to a span which is open elsewhere: a coroutine that runs for a
// while, a block that was marked by hand, a context that was captured on another thread.
//
// A scope is a frame on the span stack that is no call: what opens above it has the scope's context as
// parent. Like a call it can be left without a word (an exception, a longjmp); then its owner is told.
#pragma once

#include <cstdint>

#include "shim/journal/format.h"
#include "shim/span/context.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

enum class ScopeKind : std::uint32_t {
  kContext = 0,    // a context that was entered; nobody needs to know of its end
  kByHand = 1,     // a block between begin and end
  kCoroutine = 2,  // a coroutine, from a resumption to the next suspension
};

// What a scope stands for.
struct Scope {
  ScopeKind kind = ScopeKind::kContext;
  std::uintptr_t owner = 0;  // never 0, and not used twice at a time on one stack
  SpanContext context;       // may be empty: then what opens in it are roots
  // Where the span itself is open, if it is a call: threads that start here hang under it while it is.
  const Frame* home = nullptr;
};

// Begins a scope on the calling thread, at the stack address of the hook or of the function that asks. Dead
// calls below that are closed first. False where there is no room: then there is nothing to leave.
// Signals: safe. Keeps errno.
bool enter_scope(const Scope& scope, Address stack_address);

// Ends the calling thread's innermost scope of that kind and owner; what is open above it is closed as
// `end_above`. The owner is not told. False where there is none: it has been left already.
bool leave_scope(ScopeKind kind, std::uintptr_t owner, journal::EndKind end_above);

// Called for a scope that was left without leave_scope(): its frame is gone already. In a SlowSection.
void scope_was_left(ScopeKind kind, std::uintptr_t owner, journal::EndKind end);

}  // namespace llmo::span
