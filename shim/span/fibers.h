// Fibers: stacks that a program makes itself and switches between (makecontext(3), Boost.Context).
//
// Each has a span stack of its own. Which one a thread runs on is known by the machine's stack pointer: the
// hooks tell of every piece of memory that is made a fiber's stack, and of every stack pointer that control
// moves to. What lies in none of those pieces is the thread's own stack.
//
//   makecontext, make_fcontext                     note_fiber()    memory, and the context it begins with
//   swapcontext, jump_fcontext, ontop_fcontext     note_switch()   the span stacks are exchanged
//   setcontext, longjmp                            note_jump()     so they are where these change stacks
//
// A fiber goes on on whichever thread switches to it, and its span stack with it. Its memory is never touched
// after it was made: the program may have unmapped it.
#pragma once

#include <ucontext.h>

#include <atomic>
#include <cstdint>

#include "shim/span/stack_area.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

struct Fiber;

inline constinit std::atomic<bool> any_fibers{false};

// False in nearly all programs. Relaxed: a fiber is switched to by who knows of it.
inline bool fibers_exist() { return any_fibers.load(std::memory_order_relaxed); }

// `memory` is made ready to run a function, by code whose stack ends at `here`. When that function returns
// the thread goes on at the stack pointer that stands in `next` by then (nullptr: it does not go on). Fibers
// that had the memory before are gone: what they have open is closed as kDestroyed. Keeps errno.
void note_fiber(StackArea memory, const greg_t* next, Address here);

// A thread begins on a stack of `size` bytes, which ends (upwards) where own_stack_end() says: fibers that
// had that memory are gone. Keeps errno.
void note_thread_stack(std::size_t size);

// Control moves from `here` to the stack pointer `target`; what runs here may go on later. Signals: safe.
// Keeps errno.
void note_switch(Address target, Address here);

// The function of the fiber that runs at `here` has returned: the thread goes on elsewhere.
void note_fiber_end(Address here);

// For who is in a SlowSection:

// The thread is found to run at `here`: it may have come there by ways that nobody told of.
void settle_on_fiber_at(ThreadState& thread, Address here);

// True where stack addresses tell which calls are dead at `stack_address`: not on the alternate signal stack,
// nor in a handler that comes after the span stacks were exchanged and before the machine's are.
bool addresses_tell(const ThreadState& thread, Address stack_address);

// True where the address lies on the machine's stack to which the thread's span stack belongs.
bool is_on_active_stack(const ThreadState& thread, Address address);

// Exchanges the span stacks where the target is on another stack, and it is known which. The thread leaves
// the one it is on at `here`.
void switch_stacks(ThreadState& thread, Address target, Address here);

// The thread ends: if it is on a fiber, it is put back on its own stack. The fiber is none any more.
void leave_fiber_for_good(ThreadState& thread);

// In the child of a fork: fibers are what they were, their span stacks are the parent's. Takes and returns
// the fiber that the thread runs on.
Fiber* forget_parent_fibers(Fiber* fiber);

}  // namespace llmo::span
