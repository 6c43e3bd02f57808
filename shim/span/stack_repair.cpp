#include "shim/span/stack_repair.h"

#include "shim/span/call_facts.h"
#include "shim/span/fibers.h"
#include "shim/span/received.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_segments.h"

namespace llmo::span {

using journal::EndKind;

namespace {

// The owner is told when the frame is gone, and may close spans of its own.
void drop_scope(StackState& stack, EndKind end) {
  const Frame& frame = stack.top[-1];
  const ScopeKind kind = scope_kind(frame);
  const Address owner = frame.call_site;
  take_off_scope(stack);
  scope_was_left(kind, owner, end);
}

// An inlined function reports from its caller's frame, at the same call site.
bool share_a_frame(const Frame& call, std::uint32_t function, Address call_site, Address stack_address) {
  return call.stack_address == stack_address && call.call_site == call_site && call.function != function;
}

}  // namespace

void take_off_scope(StackState& stack) {
  stack.top[-1].word.store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_release);
  --stack.top;
}

void close_top_call(ThreadState& thread, EndKind end) {
  drop_empty_segments(thread.stack);
  thread.stack.top = filled(thread.stack.top - 1) + 1;
  if (is_call(thread.stack.top[-1]) || is_muted(thread.stack.top[-1])) {
    close_top(thread, end);
  } else if (is_scope(thread.stack.top[-1])) {
    drop_scope(thread.stack, end);
  }
  drop_empty_segments(thread.stack);
}

void close_above(ThreadState& thread, const Frame* last, EndKind end) {
  while (Frame* const call = top_call(thread.stack)) {
    if (call == last) break;
    close_top_call(thread, end);
  }
}

// A scope is as deep as the function that began it, which may be running still.
void close_dead_calls(ThreadState& thread, std::uint32_t function, Address call_site, Address stack_address) {
  const Frame* const top = top_call(thread.stack);
  if (top == nullptr || top->stack_address > stack_address || !addresses_tell(thread, stack_address)) return;
  while (Frame* const innermost = top_call(thread.stack)) {
    const Frame* const call = around_blocks(innermost);
    if (call == nullptr || call->stack_address > stack_address ||
        share_a_frame(*call, function, call_site, stack_address) ||
        (is_scope(*call) && call->stack_address == stack_address)) {
      break;
    }
    close_top_call(thread, EndKind::kUnwound);
  }
}

// From the top. The search ends at one that is certainly alive: it is another function's, and above the
// exit's stack address. A scope, or an inlined function, that was left without a word has the same address.
Frame* find_call(const StackState& stack, std::uint32_t function, Address call_site, Address stack_address) {
  for (Frame* call = top_call(stack); call != nullptr; call = call_at(call - 1)) {
    if (call->function == function && call->call_site == call_site) return call;
    if (call->stack_address < stack_address || call->function == function || is_free_block(*call)) continue;
    const bool may_be_dead =
        call->stack_address == stack_address && (is_scope(*call) || call->call_site == call_site);
    if (!may_be_dead) break;
  }
  return nullptr;
}

void close_calls_below(ThreadState& thread, Address stack_address, EndKind end) {
  if (thread.stack.overflow != 0) {
    if (thread.stack.overflow_top[-1].stack_address >= stack_address) return;
    end_overflow(thread.stack);
  }
  for (const Frame* call = top_call(thread.stack); call != nullptr && call->stack_address < stack_address;
       call = top_call(thread.stack)) {
    close_top_call(thread, end);
  }
}

void close_stack(ThreadState& thread, EndKind end) {
  forget_received(thread.stack);
  if (thread.stack.overflow != 0) end_overflow(thread.stack);
  if (!thread.stack.attached) return;
  close_above(thread, nullptr, end);
  release_stack(thread.stack);
  drop_facts(thread.stack);
}

}  // namespace llmo::span
