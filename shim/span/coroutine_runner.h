// What stands at the start of a clang build's coroutine frame in place of the compiler's functions.
//
// Whoever resumes or destroys the coroutine calls our runner, which begins a slice, calls the compiler's
// function and ends the slice. A coroutine that hands over to another one (symmetric transfer) jumps to what
// stands in the other's frame: from a resume function that the runner has called, the jump comes to the
// runner with the runner's own call as return address. Then the slice of the first is over and the second's
// begins, in the same call of the runner, so the stack does not grow.
//
//   caller ─call─► runner ─call─► A.resume ─jump─► runner: same call, other slice ─jump─► B.resume ─► …
#pragma once

#include "shim/span/function_table.h"

namespace llmo::span {

// The address that a followed frame begins with until its final suspend point.
Address resume_runner();

// Puts our runners into the frame of a coroutine that is in the table already. False where it is not
// suspended any more: another thread has been faster. The memory must be writable.
bool run_by_us(Address frame, const CoroutineCode& code);

}  // namespace llmo::span
