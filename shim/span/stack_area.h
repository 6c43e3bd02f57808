// Stacks of the machine: which one an address lies on, as far as it can be known without asking libc.
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::span {

// Addresses from low up to, but not including, high.
struct StackArea {
  Address low = 0;
  Address high = 0;

  bool empty() const { return low == high; }
  bool holds(Address address) const { return address - low < high - low; }
};

// The alternate signal stack (sigaltstack(2)) that the calling thread runs on; empty where it does not. On
// it, addresses say nothing about the calls of the thread's own. One system call. Signals: safe.
StackArea alternate_stack();

// Where the stack ends (upwards) that the kernel or libc gave the calling thread, which has a number already.
// Signals: safe.
Address own_stack_end(const ThreadState& thread);

// The size of stacks for which no other was asked: RLIMIT_STACK, within reason. Signals: safe.
std::size_t usual_stack_size();

// True where the address is sure to lie on that stack; it may be false for the far end of a very large one.
// Signals: safe.
bool on_own_stack(const ThreadState& thread, Address address);

}  // namespace llmo::span
