// Exceptions on their way: which calls they leave, and what is said of them then.
//
// Compilers differ in what they tell. gcc runs the exit hook from the cleanup of every call that is left, so
// it looks as if the call returned; clang tells nothing. What both have in common is the unwinder: an
// exception is raised, and for each place where code of a function goes on, a cleanup or a handler, the
// language's personality routine sets the instruction pointer (Itanium C++ ABI, Exception Handling, 1.3 to
// 1.5).
//
//   raise      the innermost open call is marked: how it closes will be looked at
//   landing    at a stack address: what lies below it has been left, at this moment
//   handler    a landing from which the exception does not go on, unless it is thrown again
//   close      of a marked call: by the exception, if it is on its way still; the next one out is marked
//
// So calls that open meanwhile (destructors, run by unwinding) return as ever, and exceptions that are thrown
// and caught in those are one more on a list.
#pragma once

#include <unwind.h>

#include "shim/journal/format.h"
#include "shim/journal/span_draft.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// --- for the hooks of the unwinder

// False where nothing is open on the calling thread, so that no exception matters. Signals: safe.
inline bool exceptions_matter() {
  const ThreadState& thread = thread_state;
  if (thread.exceptions != nullptr) return true;
  if (!thread.stack.attached) return false;
  const Frame& top = thread.stack.top[-1];
  const bool is_bottom =
      journal::word_kind(top.word.load(std::memory_order_relaxed)) == journal::RecordKind::kContextFrame &&
      top.call_site == 0;
  return !is_bottom;
}

// A function of the unwinder: libgcc's kRethrow calls the hook of kRaise, LLVM's does not.
enum class RaisedBy : std::uint8_t { kRaise, kRethrow };

// An exception is raised, for the first time or again, by a runtime whose frame ends at `stack_address`. None
// of these throws, and all keep errno.
void note_raise(const _Unwind_Exception* exception, Address stack_address, RaisedBy by);

// Nobody catches it: raising it has come back.
void note_uncaught(const _Unwind_Exception* exception);

// The function whose stack pointer is `stack_address` goes on, in a handler or in a cleanup, which is given
// `exception`.
void note_landing(const _Unwind_Exception* exception, Address stack_address, bool is_handler);

// --- for the span stack. In a SlowSection.

// How a call with kFlagLook really ends that closes as `end`; what an exception has to do with it is added to
// its facts. `end_ticks` may become an earlier time.
journal::EndKind look_for_exception(ThreadState& thread, Frame& frame, std::uint64_t& end_ticks,
                                    journal::EndKind end);

// Forgets all of them. At the end of a thread.
void drop_exceptions(ThreadState& thread);

// --- for others that are left by one

// Adds the event of the exception that is on its way, and the status, to what a span says that it leaves.
// False where there is none. In a SlowSection.
bool add_exception_on_its_way(ThreadState& thread, journal::SpanDraft& draft);

// --- the end

// The program calls abort(). Where that is the end of std::terminate(), or of an exception that has nowhere
// to go, the journal says so, and the calling thread's calls are closed as kTerminate, with the exception
// that is the reason. What opens yet hangs under the innermost of them.
void note_abort(Address stack_address);

}  // namespace llmo::span
