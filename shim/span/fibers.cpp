#include "shim/span/fibers.h"

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/span/current.h"
#include "shim/span/fiber_table.h"
#include "shim/span/received.h"
#include "shim/span/stack_repair.h"
#include "shim/span/stack_segments.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;

namespace {

// How much of the stack a switch itself may take, at most: registers saved, vectors, a call or two.
constexpr Address kSwitchFrame = 4096;

StackState& parked_stack(ThreadState& thread, Fiber* fiber) {
  return fiber == nullptr ? thread.own_stack : fiber->stack;
}

// True for an address where the thread's own stack goes on: sure to lie on it, or just below where it was
// left.
bool is_own(const ThreadState& thread, Address address) {
  return on_own_stack(thread, address) || thread.own_left_at - address < kSwitchFrame;
}

// Closes what a fiber has open that does not run and never will.
void close_parked(ThreadState& thread, StackState& parked, EndKind end) {
  const StackState active = thread.stack;
  thread.stack = parked;
  close_stack(thread, end);
  parked = thread.stack;
  thread.stack = active;
}

// The one that the thread has just left.
void end_if_detached(ThreadState& thread, Fiber* left) {
  if (left == nullptr) return;
  left->running = false;
  if (!left->detached) return;
  close_parked(thread, left->stack, EndKind::kDestroyed);
  free_fiber(*left);
}

void exchange_stacks(ThreadState& thread, Fiber* to) {
  Fiber* const from = thread.fiber;
  release_empty_stack(thread);
  parked_stack(thread, from) = thread.stack;
  thread.stack = parked_stack(thread, to);
  thread.fiber = to;
  if (to != nullptr) to->running = true;
  end_if_detached(thread, from);
}

// A fiber that runs elsewhere is no one's to take: then the thread has not come to its stack, or it is in use
// twice, and both know of one span stack only.
bool may_switch_to(const ThreadState& thread, const Fiber* fiber, Address address) {
  return fiber != nullptr ? !fiber->running : is_own(thread, address);
}

void end_replaced(ThreadState& thread, Fiber* list) {
  while (list != nullptr) {
    Fiber* const fiber = list;
    list = fiber->link;
    if (fiber->running) continue;  // ended when its thread leaves it
    close_parked(thread, fiber->stack, EndKind::kDestroyed);
    free_fiber(*fiber);
  }
}

bool can_work(const ThreadState& thread) { return !thread.busy && thread.vfork_depth == 0 && recording(); }

}  // namespace

void note_fiber(StackArea memory, const greg_t* next, Address here) {
  ThreadState& thread = thread_state;
  if (memory.high <= memory.low || !can_work(thread)) return;
  const platform::ErrnoSaver keep;
  const Inheritance inherited = current_position(here);
  const SlowSection section(thread);
  prepare_thread(thread);
  Fiber* replaced = nullptr;
  Fiber* const fiber = add_fiber(memory, replaced);
  end_replaced(thread, replaced);
  if (fiber == nullptr) return;
  fiber->stack.inherited = inherited;
  fiber->next = next;
  any_fibers.store(true, std::memory_order_relaxed);
}

// A program that unmaps a fiber's stack tells nobody, and libc may put a thread's there.
void note_thread_stack(std::size_t size) {
  ThreadState& thread = thread_state;
  if (!fibers_exist() || !can_work(thread)) return;
  const platform::ErrnoSaver keep;
  const SlowSection section(thread);
  prepare_thread(thread);
  const Address end = own_stack_end(thread);
  end_replaced(thread, take_fibers({end - size, end}));
}

void note_switch(Address target, Address here) {
  ThreadState& thread = thread_state;
  if (!fibers_exist() || !can_work(thread)) return;
  const platform::ErrnoSaver keep;
  const SlowSection section(thread);
  prepare_thread(thread);  // a fiber may bring the first calls that the thread has
  settle_on_fiber_at(thread, here);
  switch_stacks(thread, target, here);
}

void note_fiber_end(Address here) {
  ThreadState& thread = thread_state;
  if (!fibers_exist() || !can_work(thread)) return;
  const SlowSection section(thread);
  settle_on_fiber_at(thread, here);
  Fiber* const fiber = thread.fiber;
  if (fiber == nullptr) return;
  close_stack(thread, EndKind::kUnwound);
  if (fiber->next == nullptr) return;  // the process ends now
  const auto target = static_cast<Address>(*fiber->next);
  remove_fiber(*fiber);
  switch_stacks(thread, target, here);
}

void settle_on_fiber_at(ThreadState& thread, Address here) {
  if (!fibers_exist() || is_on_active_stack(thread, here)) return;
  Fiber* const fiber = find_fiber(here);
  if (fiber != thread.fiber && may_switch_to(thread, fiber, here)) exchange_stacks(thread, fiber);
}

bool addresses_tell(const ThreadState& thread, Address stack_address) {
  if (fibers_exist()) {
    const Fiber* const fiber = thread.fiber;
    const bool active = fiber != nullptr ? fiber->holds(stack_address) : find_fiber(stack_address) == nullptr;
    if (!active) return false;
  }
  return alternate_stack().empty();
}

// Memory of a fiber may lie in a frame of the thread's own stack.
bool is_on_active_stack(const ThreadState& thread, Address address) {
  if (thread.fiber != nullptr) return thread.fiber->holds(address);
  return on_own_stack(thread, address) && (!fibers_exist() || find_fiber(address) == nullptr);
}

void switch_stacks(ThreadState& thread, Address target, Address here) {
  Fiber* const fiber = find_fiber(target);
  if (fiber == thread.fiber || !may_switch_to(thread, fiber, target)) return;
  if (thread.fiber == nullptr) thread.own_left_at = here;
  exchange_stacks(thread, fiber);
}

void leave_fiber_for_good(ThreadState& thread) {
  Fiber* const fiber = thread.fiber;
  if (fiber == nullptr) return;
  remove_fiber(*fiber);
  exchange_stacks(thread, nullptr);
}

LLMO_COLD Fiber* forget_parent_fibers(Fiber* fiber) {
  if (!fibers_exist()) return nullptr;
  // The starter's frame is in the parent's journal, which the child has not: its context is kept for good.
  const bool known = restore_fibers_after_fork([](Fiber& one) {
    const SpanContext context = one.stack.inherited.context;
    forget_received(one.stack);
    one.stack = {};
    one.stack.inherited = {context, nullptr};
    one.running = false;
  });
  if (!known || fiber == nullptr) return nullptr;
  fiber->running = true;
  return fiber;
}

}  // namespace llmo::span
