#include "shim/span/coroutine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/coroutine_runner.h"
#include "shim/span/coroutine_slice.h"
#include "shim/span/cpp_runtime.h"
#include "shim/span/current.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_frames.h"
#include "shim/span/stack_repair.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;

namespace {

bool has_any_in(const std::array<Address, 2>& addresses, Address start, Address end) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [=](Address address) { return address >= start && address < end; });
}

// The open call of the ramp that the hook's function, running in it, makes a coroutine; nullptr where the
// coroutine is not new.
Frame* open_ramp(const HookCall& hook, const CoroutineCode& code) {
  current_context(hook.stack_address);  // dead calls above it go
  Frame* const call = innermost_frame();
  const bool is_ramp = call != nullptr && is_call(*call) && call->function == code.function &&
                       call->stack_address >= hook.stack_address;
  return is_ramp ? call : nullptr;
}

// The ramp's call is one that is not recorded.
bool is_in_muted_ramp(const CoroutineCode& code) {
  const Frame* const call = innermost_frame();
  return call != nullptr && is_muted(*call) && call->function == code.function;
}

// As a function that is no part of a coroutine.
void enter_call(const TracedFunction& ramp, const HookCall& hook) {
  if (is_paused()) return enter_muted(ramp.id, hook.call_site, hook.stack_address, std::nullopt);
  if (ramp.is_muted) {
    return enter_muted(ramp.id, hook.call_site, hook.stack_address, journal::LeftOutReason::kThrottled);
  }
  enter(ramp.id, hook.call_site, hook.stack_address);
  // It is told by its age from others of its code (follow_new_coroutine()), also where it leaves no record.
  Frame* const call = innermost_call(thread_state);
  if (call == nullptr || call->function != ramp.id) return;
  if ((record_flags(*call) & journal::kFlagSampled) == 0) call->start_ticks = platform::now_ticks();
}

void enter_ramp(const TracedFunction& ramp, const HookCall& hook) {
  thread_state.final_suspend_callers = {};
  enter_call(ramp, hook);
}

Coroutine* refer_to(Address frame) {
  if (frame == 0) return nullptr;
  const SlowSection section(thread_state);
  return refer_to_coroutine(frame);
}

void drop(Coroutine* coroutine) {
  if (coroutine == nullptr) return;
  const SlowSection section(thread_state);
  release_coroutine(coroutine);
}

// --- its end -----------------------------------------------------------------------------------------------

// Of a clang build's coroutine that another thread has resumed before the ramp had returned: its end has no
// slice. The ramp's thread may find the frame meanwhile: it looks for this end after that, and here the frame
// is looked for after the end is told.
void note_unseen_end(const HookCall& hook, const CoroutineCode& code) {
  code.unseen_end_ticks.store(platform::now_ticks(), std::memory_order_seq_cst);
  Coroutine* const coroutine = refer_to(find_frame_with(hook, resume_runner()));
  if (coroutine != nullptr && coroutine->code == &code) end_coroutine(*coroutine, EndKind::kReturned);
  drop(coroutine);
}

void end_body(const CoroutineCode& code, const HookCall& hook) {
  const Slice* const slice = find_slice([&](const Slice& open) { return open.code == &code; });
  if (slice != nullptr) return note_body_is_over(*slice);
  if (!code.by_gcc) note_unseen_end(hook, code);
}

void enter_final_suspend(const TracedFunction& function, const HookCall& hook) {
  const std::array<Address, 2> callers{hook.call_site, return_address(hook)};
  thread_state.final_suspend_callers = callers;
  for (const CoroutineCode* code = first_coroutine_code(); code != nullptr; code = code->next) {
    if (has_any_in(callers, code->resume, code->resume_end)) end_body(*code, hook);
  }
  if (function.id != kNoFunction) enter_call(function, hook);
}

void exit_final_suspend(const TracedFunction& function, const HookCall& hook) {
  if (function.id != kNoFunction) exit(function.id, hook.call_site, hook.stack_address);
}

// In the ramp, without ever being suspended. A frame that is found may be gone.
bool is_over_in_ramp(const CoroutineCode& code) {
  const auto callers = std::exchange(thread_state.final_suspend_callers, {});
  return has_any_in(callers, code.ramp, code.ramp_end);
}

bool is_called_by_ramp(const HookCall& hook, const CoroutineCode& code) {
  return hook.call_site >= code.ramp && hook.call_site < code.ramp_end;
}

// --- gcc ---------------------------------------------------------------------------------------------------

// Where nothing is known of the frame, the memory may have been another coroutine's.
bool is_stale(const Coroutine* known, const HookCall& hook, const CoroutineCode& code) {
  return known == nullptr || known->ended || known->code != &code || is_called_by_ramp(hook, code);
}

// True where the ramp's open call has become a coroutine.
bool open_in_ramp(const HookCall& hook, const CoroutineCode& code, Address frame) {
  Frame* const ramp = open_ramp(hook, code);
  if (ramp == nullptr) return false;
  ThreadState& thread = thread_state;
  const SlowSection section(thread);
  return open_coroutine(thread, *ramp, code, frame, code.resume) != nullptr;
}

void enter_resume(const HookCall& hook, const CoroutineCode& code) {
  const Address frame = find_frame_of_part(hook, code);
  Coroutine* coroutine = refer_to(frame);
  SliceKind kind = SliceKind::kResume;
  if (is_stale(coroutine, hook, code)) {
    const bool in_ramp = open_ramp(hook, code) != nullptr;
    if (is_in_muted_ramp(code)) return drop(coroutine);
    if (in_ramp && (frame == 0 || !open_in_ramp(hook, code, frame))) return drop(coroutine);
    if (in_ramp) {
      drop(coroutine);
      coroutine = refer_to(frame);
      kind = SliceKind::kFirst;
    }
  }
  begin_slice(coroutine, code, kind, hook.stack_address);
}

void enter_destroy(const HookCall& hook, const CoroutineCode& code) {
  begin_slice(refer_to(find_frame_of_part(hook, code)), code, SliceKind::kDestroy, hook.stack_address);
}

// A slice of the function is this activation's or of a dead one: those that called it are further up.
void exit_part(const HookCall& hook, const CoroutineCode& code) {
  const bool destroys = hook.function == code.destroy;
  Slice* const slice = find_slice([&](const Slice& open) {
    return open.code == &code && open.kind != SliceKind::kRamp && open.stack_address <= hook.stack_address &&
           (open.kind == SliceKind::kDestroy) == destroys;
  });
  if (slice == nullptr) return;
  // The hook is called for an exception too, which then counts.
  const bool is_left_by_exception = uncaught_count().value_or(0) > slice->uncaught;
  end_slice(slice, is_left_by_exception ? EndKind::kException : EndKind::kReturned);
}

bool exit_ramp_slice(const HookCall& hook, const CoroutineCode& code) {
  Slice* const slice = find_slice([&](const Slice& open) {
    return open.code == &code && open.kind == SliceKind::kRamp && open.stack_address <= hook.stack_address;
  });
  if (slice != nullptr) end_slice(slice);
  return slice != nullptr;
}

// --- clang -------------------------------------------------------------------------------------------------

// A ramp that was inlined shows its coroutine to the optimiser, which then calls the resume function without
// looking at the frame: that cannot be followed.
bool is_inlined(const HookCall& hook, const CoroutineCode& code) {
  const Address caller = return_address(hook);
  const bool by_jump = caller == hook.call_site;  // the hook's call was the ramp's last instruction
  return !by_jump && (caller < code.ramp || caller >= code.ramp_end);
}

// By function and call site: a ramp that jumps to the hook has its frame taken down already. What lies above
// it was left without a word.
Frame* returning_ramp(ThreadState& thread, const HookCall& hook, const CoroutineCode& code) {
  if (thread.stack.overflow != 0) return nullptr;
  Frame* const call = find_call(thread.stack, code.function, hook.call_site, hook.stack_address);
  if (call == nullptr || !is_call(*call)) return nullptr;
  close_above(thread, call, EndKind::kUnwound);
  return call;
}

void follow_new_coroutine(const HookCall& hook, const CoroutineCode& code) {
  ThreadState& thread = thread_state;
  if (code.by_gcc || thread.busy || is_inlined(hook, code) || is_over_in_ramp(code)) return;
  const Address frame = find_new_frame(hook, code);
  if (frame == 0) return;
  const SlowSection section(thread);
  Frame* const ramp = returning_ramp(thread, hook, code);
  if (ramp == nullptr) return;
  Slice* const slice = open_coroutine(thread, *ramp, code, frame, resume_runner());
  if (slice == nullptr) return;
  // Another thread may have run it to its end meanwhile, or run it still.
  if (!run_by_us(frame, code)) return forget_coroutine(*slice->coroutine, EndKind::kReturned);
  // One of this code has come to its end: if it is this one, the frame is not to be believed.
  if (code.unseen_end_ticks.load(std::memory_order_seq_cst) >= slice->coroutine->call.start_ticks)
    end_coroutine(*slice->coroutine, EndKind::kReturned);
}

void exit_ramp(const TracedFunction& ramp, const HookCall& hook) {
  follow_new_coroutine(hook, *ramp.coroutine);
  if (!exit_ramp_slice(hook, *ramp.coroutine)) exit(ramp.id, hook.call_site, hook.stack_address);
}

}  // namespace

void enter_coroutine_part(const TracedFunction& part, const HookCall& hook) {
  const platform::ErrnoSaver keep;
  const CoroutineCode& code = *part.coroutine;
  if (&code == &kAnyCoroutine) return enter_final_suspend(part, hook);
  if (hook.function == code.ramp) return enter_ramp(part, hook);
  return hook.function == code.resume ? enter_resume(hook, code) : enter_destroy(hook, code);
}

void exit_coroutine_part(const TracedFunction& part, const HookCall& hook) {
  const platform::ErrnoSaver keep;
  const CoroutineCode& code = *part.coroutine;
  if (&code == &kAnyCoroutine) return exit_final_suspend(part, hook);
  return hook.function == code.ramp ? exit_ramp(part, hook) : exit_part(hook, code);
}

}  // namespace llmo::span
