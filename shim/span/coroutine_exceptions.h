// Exceptions that leave the body of a coroutine.
//
// They do not leave its functions: the compiler has put the body into a try block whose handler calls the
// promise's unhandled_exception(). What can be seen is that a handler for everything (`catch (...)`) begins
// in the function that runs the body. Whether it was the compiler's shows later: after it the coroutine comes
// to its end, after one of the program's own it goes on and, as a rule, suspends again.
#pragma once

#include <unwind.h>

#include "shim/span/coroutine_slice.h"

namespace llmo::span {

// A personality routine is about to let a handler begin. Before note_landing() (span/exceptions.h). Keeps
// errno; does not throw.
void note_coroutine_handler(_Unwind_Context* context);

// What is to be said of the exception that is on its way; nullptr where there is none. The caller deletes it.
// In a SlowSection, without any lock: the exception is asked for its message.
journal::SpanDraft* exception_facts(ThreadState& thread);

}  // namespace llmo::span
