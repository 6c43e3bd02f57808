#include "shim/span/span_stack.h"

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/span/call_facts.h"
#include "shim/span/coroutine_slice.h"
#include "shim/span/current.h"
#include "shim/span/exceptions.h"
#include "shim/span/fibers.h"
#include "shim/span/left_out.h"
#include "shim/span/received.h"
#include "shim/span/scope.h"
#include "shim/span/stack_frames.h"
#include "shim/span/stack_repair.h"
#include "shim/span/stack_segments.h"
#include "shim/span/thread_end.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;
using journal::RecordKind;

constinit thread_local ThreadState thread_state;

namespace {

// Opens the frame of a call that is not recorded: its exit finds it, and what opens above it has what is
// below it as parent. `reason` is a LeftOutReason if it is to be counted, else 0. There must be room for it.
void push_muted(ThreadState& thread, const Frame& parent, std::uint32_t function, Address call_site,
                Address stack_address, std::uint64_t reason) {
  Frame& frame = claim_slot(thread.stack);
  const std::uint32_t kept = is_call(parent) ? journal::kTraceFlagsMask : journal::kRecordFlagsMask;
  const std::uint32_t parent_flags = journal::word_flags(parent.word.load(std::memory_order_relaxed));
  fill_frame(frame, {.kind = RecordKind::kMutedFrame,
                     .flags = (parent_flags & kept) | journal::kFlagLook,
                     .function = function,
                     .span_id = parent.span_id,
                     .parent_span_id = reason,
                     .trace = parent.trace,
                     .stack_address = stack_address,
                     .call_site = call_site,
                     .start_ticks = platform::now_ticks()});
}

Frame* find_scope(const StackState& stack, ScopeKind kind, std::uintptr_t owner) {
  Frame* call = stack.overflow != 0 ? call_at(stack.overflow_top - 1) : top_call(stack);
  for (; call != nullptr; call = call_at(call - 1)) {
    if (is_scope(*call) && scope_kind(*call) == kind && call->call_site == owner) return call;
  }
  return nullptr;
}

// Counts a call that is deeper than the last one that was kept. One that is not has outlived all that were
// not kept.
bool goes_on_overflowing(StackState& stack, Address stack_address) {
  if (stack.overflow == 0) return false;
  if (stack.overflow_top[-1].stack_address > stack_address) {
    ++stack.overflow;
    return true;
  }
  end_overflow(stack);
  return false;
}

}  // namespace

void enter_slow(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.vfork_depth != 0 || thread.asks_host) return;
  if (thread.busy || !recording()) return count_lost_frame();
  StackState& stack = thread.stack;
  // Often, so without a system call: a handler that comes in between takes off what it puts on.
  if (stack.deep_function != kNoFunction && stack.overflow_top[-1].stack_address > stack_address) {
    ++stack.overflow;
    return count_left_out(function, journal::LeftOutReason::kTooDeep, 1, 0);
  }
  const SlowSection section(thread);
  if (goes_on_overflowing(stack, stack_address)) return count_lost_frame();
  close_dead_calls(thread, function, call_site, stack_address);
  const bool was_attached = stack.attached;
  if (make_room(thread)) {
    if (was_attached) renew_bottom(stack);
    settle_slice(stack, *filled(stack.top - 1));
    push(thread, *filled(stack.top - 1), function, call_site, stack_address);
    give_received(thread, stack.top[-1]);
    return;
  }
  if (stack.attached && is_deep_enough(stack)) {
    begin_overflow(stack);
    stack.deep_function = function;
    stack.deep_ticks = platform::now_ticks();
    return count_left_out(function, journal::LeftOutReason::kTooDeep, 1, 0);
  }
  count_lost_frame();
  if (stack.attached) begin_overflow(stack);
}

void enter_muted(std::uint32_t function, Address call_site, Address stack_address,
                 std::optional<journal::LeftOutReason> counted) {
  ThreadState& thread = thread_state;
  StackState& stack = thread.stack;
  if (thread.busy || thread.vfork_depth != 0) return;
  const Frame& parent = stack.top[-1];
  const bool at_bottom = kind_of(parent) == RecordKind::kContextFrame && parent.call_site == 0;
  if (!counted && (!stack.attached || at_bottom)) return;
  const auto reason = counted ? static_cast<std::uint64_t>(*counted) : 0;
  const bool fits = stack.top < stack.limit && parent.stack_address > stack_address;
  if (fits && is_parent_for_sure(thread, parent)) {
    return push_muted(thread, parent, function, call_site, stack_address, reason);
  }
  const SlowSection section(thread);
  if (goes_on_overflowing(stack, stack_address)) return;
  close_dead_calls(thread, function, call_site, stack_address);
  if (!counted && top_call(stack) == nullptr) return;
  const bool was_attached = stack.attached;
  if (make_room(thread)) {
    if (was_attached) renew_bottom(stack);
    push_muted(thread, *filled(stack.top - 1), function, call_site, stack_address, reason);
    wait_for_handler(thread);
  } else if (stack.attached) {
    begin_overflow(stack);
  }
}

void exit_slow(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.busy || thread.vfork_depth != 0) return;
  StackState& stack = thread.stack;
  if (stack.deep_function != kNoFunction && stack.overflow > 1 &&
      stack.overflow_top[-1].stack_address >= stack_address) {
    --stack.overflow;
    return;
  }
  const SlowSection section(thread);
  if (stack.overflow != 0 && stack.overflow_top[-1].stack_address < stack_address) end_overflow(stack);
  if (stack.overflow != 0) {
    if (--stack.overflow == 0) end_overflow(stack);
    return;
  }
  Frame* const call = find_call(stack, function, call_site, stack_address);
  if (call == nullptr) return;
  close_above(thread, call, EndKind::kUnwound);
  close_top_call(thread, EndKind::kReturned);
}

namespace {

bool is_slice(const Frame& frame) { return is_scope(frame) && scope_kind(frame) == ScopeKind::kCoroutine; }

// Whoever asks goes on to open something below it.
Inheritance position_of(Frame& frame) {
  if (is_call(frame) && hot_state.min_ticks.load(std::memory_order_relaxed) != 0) {
    set_flag(frame, journal::kFlagKept);
  }
  return {context_of(frame), home_of(frame)};
}

}  // namespace

SpanContext current_context(Address stack_address) { return current_position(stack_address).context; }

Inheritance current_position(Address stack_address) {
  ThreadState& thread = thread_state;
  StackState& stack = thread.stack;
  if (stack.overflow != 0) {
    Frame* const last = recorded_at(stack.overflow_top - 1);
    if (last != nullptr) return position_of(*last);
    return {bottom_context(stack), stack.inherited.starter};
  }
  if (!stack.attached) return {bottom_context(stack), stack.inherited.starter};
  const Frame* call = top_call(stack);
  if (call != nullptr && call->stack_address < stack_address && !thread.busy) {
    const SlowSection section(thread);
    if (addresses_tell(thread, stack_address)) close_calls_below(thread, stack_address, EndKind::kUnwound);
  }
  Frame* const recorded = top_recorded(stack);
  if (recorded != nullptr && is_slice(*recorded) && !thread.busy) {
    const SlowSection section(thread);
    settle_slice(stack, *recorded);
  }
  if (recorded != nullptr) return position_of(*recorded);
  return {bottom_context(stack), stack.inherited.starter};
}

Frame* innermost_call(ThreadState& thread) {
  Frame* const call = thread.stack.overflow == 0 ? top_recorded(thread.stack) : nullptr;
  return call != nullptr && is_call(*call) ? call : nullptr;
}

namespace {

// What is below may be a slot that is claimed and not filled: the call that was interrupted fills it when
// this is over.
void push_scope(StackState& stack, const Scope& scope, Address stack_address) {
  fill_context_frame(claim_slot(stack), RecordKind::kScopeFrame, function_of(scope.kind), scope.context,
                     stack_address, scope.owner, scope.home);
}

// Nothing is to be closed and there is room: what a pool's thread finds at each piece of work.
bool can_be_pushed(const StackState& stack, Address stack_address) {
  return stack.top < stack.limit && stack.top[-1].word.load(std::memory_order_relaxed) != 0 &&
         stack.top[-1].stack_address > stack_address;
}

bool is_on_top(const StackState& stack, ScopeKind kind, std::uintptr_t owner) {
  const Frame& frame = stack.top[-1];
  return stack.overflow == 0 && is_scope(frame) && scope_kind(frame) == kind && frame.call_site == owner &&
         !begins_segment(stack.top[-2]);
}

}  // namespace

bool enter_scope(const Scope& scope, Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.busy || thread.vfork_depth != 0 || !recording()) return false;
  if (can_be_pushed(thread.stack, stack_address)) {
    push_scope(thread.stack, scope, stack_address);
    return true;
  }
  const platform::ErrnoSaver keep;
  const SlowSection section(thread);
  if (addresses_tell(thread, stack_address)) close_calls_below(thread, stack_address, EndKind::kUnwound);
  StackState& stack = thread.stack;
  if (stack.overflow != 0 || !make_room(thread)) {
    if (stack.deep_function == kNoFunction && !is_deep_enough(stack)) count_lost_frame();
    return false;
  }
  push_scope(stack, scope, stack_address);
  wait_for_handler(thread);
  return true;
}

bool leave_scope(ScopeKind kind, std::uintptr_t owner, EndKind end_above) {
  ThreadState& thread = thread_state;
  StackState& stack = thread.stack;
  if (thread.busy || !stack.attached) return false;
  if (is_on_top(stack, kind, owner)) {
    take_off_scope(stack);
    return true;
  }
  const platform::ErrnoSaver keep;
  const SlowSection section(thread);
  const Frame* const scope = find_scope(stack, kind, owner);
  if (scope == nullptr) return false;
  if (stack.overflow != 0) end_overflow(stack);
  close_above(thread, scope, end_above);
  drop_empty_segments(stack);
  stack.top = filled(stack.top - 1) + 1;
  take_off_scope(stack);
  drop_empty_segments(stack);
  return true;
}

// A thread that was cancelled and has calls open has been stopped in their midst; one that left by
// pthread_exit() was marked then.
void detach_thread(EndKind end) {
  ThreadState& thread = thread_state;
  if (!thread.stack.attached && thread.record_block == nullptr && thread.fiber == nullptr &&
      thread.left_out == nullptr && thread.stack.received == nullptr) {
    return;
  }
  const SlowSection section(thread);
  if (end == EndKind::kThreadExit) end = how_thread_ends(thread);
  close_stack(thread, end);
  leave_fiber_for_good(thread);
  close_stack(thread, end);
  if (thread.spare_stack != nullptr) journal::Journal::give_back(thread.spare_stack);
  thread.spare_stack = nullptr;
  leave_record_block(thread);
  leave_left_out(thread);
  drop_exceptions(thread);
}

LLMO_COLD void forget_parent_stack() {
  ThreadState& thread = thread_state;
  // The starter's frame is in the parent's journal, which the child has not: its context is kept for good.
  const SpanContext context = thread.forking ? thread.at_fork.context : SpanContext{};
  // Most have none of these, and their code is elsewhere.
  if (thread.stack.facts != nullptr) drop_facts(thread.stack);
  if (thread.exceptions != nullptr) drop_exceptions(thread);
  if (thread.stack.received != nullptr) forget_received(thread.stack);
  if (thread.own_stack.received != nullptr) forget_received(thread.own_stack);
  Fiber* const fiber = thread.fiber;
  thread = ThreadState{};
  thread.stack.inherited = {context, nullptr};
  thread.fiber = forget_parent_fibers(fiber);
}

}  // namespace llmo::span
