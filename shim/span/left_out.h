// Calls that a setting leaves out of the trace are counted: for each function and reason how many there were,
// and how long they took.
//
// Each thread has a block of counters of its own in the journal, so no two processors fight for a line. A
// thread that ends leaves its block to the next one that needs one: the counts only ever grow.
#pragma once

#include <cstdint>

#include "shim/config/settings.h"
#include "shim/journal/format.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// What is short enough to be left out, in ticks. When the clock is known.
void set_limits(const config::Settings& settings);

// Adds to the calling thread's counters; where there is no room the calls count as lost. Signals: safe.
void count_left_out(std::uint32_t function, journal::LeftOutReason reason, std::uint64_t calls,
                    std::uint64_t ticks);

// At the end of a thread.
void leave_left_out(ThreadState& thread);

// In the child of a fork: the blocks are the parent's.
void reset_left_out_after_fork();

// Ticks of the library's clock that are about so many nanoseconds. Takes a fraction of a millisecond, once.
std::uint64_t ticks_of(std::uint64_t nanos);

}  // namespace llmo::span
