// The fibers of the process, found by the memory of their stacks.
#pragma once

#include <ucontext.h>

#include <atomic>

#include "shim/span/stack_area.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// Stays a Fiber for good, so that one may be looked at that another thread takes out of the table meanwhile:
// what was its memory is then empty.
struct Fiber {
  std::atomic<Address> low{0};
  std::atomic<Address> high{0};
  StackState stack;              // while it does not run
  const greg_t* next = nullptr;  // where the stack pointer stands with which the thread goes on after it
  bool running = false;          // on some thread, which has its span stack
  bool detached = false;         // out of the table, but running: ended by who runs it
  Fiber* link = nullptr;         // of a list

  bool holds(Address address) const {
    const Address start = low.load(std::memory_order_relaxed);
    return address - start < high.load(std::memory_order_relaxed) - start;
  }
};

// All in a SlowSection, by any thread.

// The fiber whose stack the address lies on; nullptr where none does. Takes no lock for one found lately.
Fiber* find_fiber(Address address);

// Puts a fiber into the table. Those whose memory overlaps its own are taken out, and come back as a list in
// `replaced`. nullptr where there is no memory for it.
Fiber* add_fiber(StackArea memory, Fiber*& replaced);

// Takes out, as a list, those whose memory overlaps `memory`.
Fiber* take_fibers(StackArea memory);

// Takes one out, where it is in. It is still the caller's until free_fiber().
void remove_fiber(Fiber& fiber);
void free_fiber(Fiber& fiber);

// In the child of a fork: calls `visit` for each, and makes the table usable. Where another thread of the
// parent was changing it, all are given up, and false comes back.
bool restore_fibers_after_fork(void (*visit)(Fiber&));

}  // namespace llmo::span
