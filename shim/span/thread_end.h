// Threads that end in the midst of their calls: by pthread_exit(), or because they were cancelled.
//
// Both leave the calls by forced unwinding. Of it, gcc's C++ tells by the exit hooks, from its cleanups, so
// that such a call looks as if it returned; clang and C tell nothing, and the calls are open when the thread
// is gone.
#pragma once

#include <pthread.h>

#include "shim/journal/format.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// The calling thread is about to end by pthread_exit() or thrd_exit(). Signals: safe.
void note_thread_exit();

// `thread`, any of the process that has not been joined, is about to be cancelled: it may go on for long, or
// to its end, without acting upon it. Signals: safe.
void note_thread_cancel(pthread_t thread);

// Why the calls are closed that a thread has open when it is gone.
journal::EndKind how_thread_ends(const ThreadState& thread);

// The same while the thread is unwound without an exception that is known, as a cleanup begins. In a
// SlowSection.
journal::EndKind how_thread_unwinds(ThreadState& thread);

// How a call with journal::kFlagLeaving really ends whose exit hook is running. In a SlowSection.
journal::EndKind how_call_ends(ThreadState& thread, const Frame& call);

}  // namespace llmo::span
