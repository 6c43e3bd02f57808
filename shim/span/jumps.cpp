#include "shim/span/jumps.h"

#include "shim/span/fibers.h"
#include "shim/span/process_end.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_area.h"
#include "shim/span/stack_frames.h"
#include "shim/span/stack_repair.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;

namespace {

// A jump that ends on the stack that the thread's calls are on, or on the alternate signal stack above it.
struct Jump {
  Address target;
  StackArea alternate;  // where the jump begins; empty: on the ordinary stack

  bool leaves(Address address) const {
    if (alternate.holds(address) != alternate.holds(target)) return alternate.holds(address);
    return address < target;
  }
};

// A function that calls setjmp() is not inlined. So of calls that share the frame which is jumped to, only
// the outermost goes on.
bool is_inlined_in_target(const Frame& call, Address target) {
  if (call.stack_address != target || !is_call(call)) return false;
  const Frame* const below = call_at(const_cast<Frame*>(&call) - 1);
  return below != nullptr && is_call(*below) && below->stack_address == target &&
         below->call_site == call.call_site;
}

void close_left_calls(ThreadState& thread, const Jump& jump) {
  if (thread.stack.overflow != 0) {
    close_calls_below(thread, jump.target, EndKind::kLongjmp);
    if (thread.stack.overflow != 0) return;
  }
  while (Frame* const innermost = top_call(thread.stack)) {
    const Frame* const call = around_blocks(innermost);
    if (call == nullptr) break;
    if (!jump.leaves(call->stack_address) && !is_inlined_in_target(*call, jump.target)) break;
    close_top_call(thread, EndKind::kLongjmp);
  }
  if (thread.claim != 0 && jump.leaves(thread.claim)) give_up_claims(thread);
}

bool has_nothing_to_leave(const ThreadState& thread) {
  if (thread.stack.overflow != 0 || thread.claim != 0 || thread.aborting || fibers_exist()) return false;
  return top_call(thread.stack) == nullptr;
}

}  // namespace

void note_jump(Address target, Address here) {
  ThreadState& thread = thread_state;
  if (has_nothing_to_leave(thread) || thread.busy || thread.vfork_depth != 0 || !recording()) return;
  const SlowSection section(thread);
  prepare_thread(thread);
  if (thread.aborting) take_back_process_end();  // by a handler of SIGABRT
  const Jump jump{target, alternate_stack()};
  if (jump.alternate.empty()) settle_on_fiber_at(thread, here);
  if (jump.alternate.holds(target) || is_on_active_stack(thread, target)) {
    close_left_calls(thread, jump);
  } else if (fibers_exist()) {
    // What runs on the signal stack does not go on, what it interrupted does.
    if (!jump.alternate.empty()) close_left_calls(thread, {0, jump.alternate});
    switch_stacks(thread, target, here);
  }
}

}  // namespace llmo::span
