#include "shim/span/coroutine_slice.h"

#include <new>
#include <utility>

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/coroutine_exceptions.h"
#include "shim/span/coroutine_frame.h"
#include "shim/span/cpp_runtime.h"
#include "shim/span/scope.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_frames.h"
#include "shim/span/stack_segments.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;

namespace {

std::uintptr_t owner_of(const Slice& slice) { return reinterpret_cast<std::uintptr_t>(&slice); }

bool is_sampled(const Coroutine& coroutine) { return (coroutine.context.flags & journal::kFlagSampled) != 0; }

// --- the coroutine's own record; with its lock -------------------------------------------------------------

void copy_call(Frame& to, const Frame& from) {
  to.function = from.function;
  to.start_ticks = from.start_ticks;
  to.span_id = from.span_id;
  to.parent_span_id = from.parent_span_id;
  to.trace = from.trace;
  to.stack_address = from.stack_address;
  to.call_site = from.call_site;
  const std::uint32_t flags = record_flags(from);
  // Release: an exporter that sees the frame open sees its fields.
  to.word.store(journal::make_word(sizeof(Frame), journal::RecordKind::kOpenFrame, flags),
                std::memory_order_release);
}

Frame* show(const Frame& call) {
  journal::Journal* const journal = open_journal();
  if (journal == nullptr) return nullptr;
  Frame* home = journal->reuse_open_call();
  if (home == nullptr) home = journal->take_open_call();
  if (home != nullptr) copy_call(*home, call);
  return home;
}

void add_run_facts(const Coroutine& coroutine, journal::SpanDraft& draft) {
  draft.add_int("llmobserve.coroutine.running_ticks", static_cast<std::int64_t>(coroutine.running_ticks));
  draft.add_int("llmobserve.coroutine.resumes", static_cast<std::int64_t>(coroutine.resumes));
}

void publish(Coroutine& coroutine, EndKind end) {
  ThreadState& thread = thread_state;
  prepare_thread(thread);
  journal::SpanDraft none;
  journal::SpanDraft& draft = coroutine.facts != nullptr ? coroutine.facts->draft : none;
  add_run_facts(coroutine, draft);
  if (coroutine.caught != nullptr && end != EndKind::kDestroyed) {
    draft.add_all(*coroutine.caught);
    draft.set_status(journal::SpanStatus::kError);
  }
  if (!publish_with_facts(thread, coroutine.call, draft, platform::now_ticks(), end)) count_lost_span();
}

void close(Coroutine& coroutine, EndKind end) {
  if (std::exchange(coroutine.ended, true)) return;
  if (coroutine.process != process_id()) return;
  if (is_sampled(coroutine)) publish(coroutine, end);
  // Last of all (rule 2 of format.h).
  if (coroutine.home != nullptr) open_journal()->give_open_call(std::exchange(coroutine.home, nullptr));
}

void keep_caught(Coroutine& coroutine, journal::SpanDraft* facts) {
  delete std::exchange(coroutine.caught, facts);
}

void forget(Coroutine& coroutine) {
  if (remove_coroutine_locked(coroutine)) release_coroutine(&coroutine);
}

// --- slices; with the coroutine's lock ---------------------------------------------------------------------

// gcc's destroy function calls the resume function, which then ends the frame.
bool is_in_destruction(const Slice& slice) {
  const Slice* outer = slice.outer;
  while (outer != nullptr && outer->kind != SliceKind::kDestroy) outer = outer->outer;
  return outer != nullptr;
}

void run_until(Coroutine& coroutine, Slice* next, std::uint64_t now) {
  if (coroutine.slice != nullptr) coroutine.running_ticks += now - coroutine.slice_start;
  coroutine.slice = next;
  coroutine.slice_start = now;
}

void start(Slice& slice) {
  Coroutine& coroutine = *slice.coroutine;
  Slice* const current = coroutine.slice;
  if (current != nullptr && current->thread == slice.thread) slice.outer = current;
  run_until(coroutine, &slice, platform::now_ticks());
  if (slice.kind == SliceKind::kResume && !is_in_destruction(slice)) ++coroutine.resumes;
  // At its final suspend point it had come to its end; who ran it there may not have returned yet.
  if (slice.kind == SliceKind::kDestroy && read_word(coroutine.frame) == Address{0})
    close(coroutine, EndKind::kReturned);
}

// True where the coroutine was running in that slice: not for one that was overtaken by another thread's.
bool stop(Slice& slice) {
  Coroutine& coroutine = *slice.coroutine;
  if (coroutine.slice == &slice) {
    run_until(coroutine, slice.outer, platform::now_ticks());
    return true;
  }
  for (Slice* other = coroutine.slice; other != nullptr; other = other->outer) {
    if (other->outer == &slice) other->outer = slice.outer;
  }
  return false;
}

// A frame that begins with something else than it should is memory that another has by now. One that begins
// with null is at the final suspend point, and still to be destroyed, or was freed there.
void judge(Coroutine& coroutine, EndKind end) {
  const std::optional<Address> word = read_word(coroutine.frame);
  if (word == coroutine.suspended_word && !coroutine.body_is_over) return keep_caught(coroutine, nullptr);
  close(coroutine, end);
  if (word != Address{0}) forget(coroutine);
}

void finish(Slice& slice, EndKind end) {
  Coroutine& coroutine = *slice.coroutine;
  const platform::LockGuard guard(coroutine_lock(coroutine.frame));
  const bool was_running = stop(slice);
  if (slice.kind == SliceKind::kDestroy) {
    close(coroutine, EndKind::kDestroyed);
    forget(coroutine);
  } else if (was_running && slice.kind != SliceKind::kRamp && !coroutine.ended && !is_in_destruction(slice)) {
    judge(coroutine, end);
  }
}

// True where the body of the slice's coroutine is over, whatever runs in the slice.
bool has_come_to_its_end(const Slice& slice) {
  if (slice.coroutine == nullptr || slice.kind == SliceKind::kRamp || slice.kind == SliceKind::kDestroy)
    return false;
  Coroutine& coroutine = *slice.coroutine;
  const platform::LockGuard guard(coroutine_lock(coroutine.frame));
  if (is_in_destruction(slice)) return false;
  const bool is_running = coroutine.slice == &slice && !coroutine.ended;
  if (is_running && read_word(coroutine.frame) == Address{0}) close(coroutine, EndKind::kReturned);
  return coroutine.ended;
}

void use_context_of(Frame& scope, const SpanContext& context, const Frame* home) {
  __atomic_store_n(&scope.span_id, context.span, __ATOMIC_RELAXED);  // as in push()
  scope.trace = context.trace;
  scope.parent_span_id = reinterpret_cast<Address>(home);
  const std::uint32_t flags = context.empty() ? journal::kTraceFlagsMask : context.flags;
  scope.word.store(journal::make_word(sizeof(Frame), journal::RecordKind::kScopeFrame, flags),
                   std::memory_order_release);
}

// The call becomes a scope that is as deep as it was. A reader that comes in between finds the call at its
// new home.
void become_scope(Frame& call, const Slice& slice) {
  const Coroutine& coroutine = *slice.coroutine;
  call.word.store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  call.function = function_of(ScopeKind::kCoroutine);
  call.parent_span_id = reinterpret_cast<Address>(coroutine.home);
  call.call_site = owner_of(slice);
  call.word.store(
      journal::make_word(sizeof(Frame), journal::RecordKind::kScopeFrame, coroutine.context.flags),
      std::memory_order_release);
}

void replace_at(Coroutine& coroutine) {
  Coroutine* const before = find_coroutine_locked(coroutine.frame);
  if (before == nullptr) return;
  // One that still runs has freed its frame with its end.
  const bool has_returned = before->body_is_over || before->slice != nullptr;
  close(*before, has_returned ? EndKind::kReturned : EndKind::kUnwound);
  forget(*before);
}

}  // namespace

Slice* open_coroutine(ThreadState& thread, Frame& ramp, const CoroutineCode& code, Address frame,
                      Address suspended_word) {
  auto* const made = new (std::nothrow) Coroutine;
  auto* const slice = new (std::nothrow) Slice;
  if (made == nullptr || slice == nullptr) {
    delete made;
    delete slice;
    return nullptr;
  }
  const platform::LockGuard guard(coroutine_lock(frame));
  made->frame = frame;
  replace_at(*made);
  if (!insert_coroutine_locked(*made)) {
    delete made;
    delete slice;
    return nullptr;
  }
  made->code = &code;
  made->suspended_word = suspended_word;
  made->process = process_id();
  made->context = context_of(ramp);
  copy_call(made->call, ramp);
  if (is_sampled(*made)) made->home = show(made->call);
  made->facts = take_facts(thread.stack, ramp);
  made->references.fetch_add(1, std::memory_order_relaxed);  // the slice's
  *slice = {made, &code, SliceKind::kRamp, ramp.stack_address, thread.number, 0, nullptr};
  made->slice = slice;
  made->slice_start = ramp.start_ticks;
  become_scope(ramp, *slice);
  return slice;
}

Slice* begin_slice(Coroutine* coroutine, const CoroutineCode& code, SliceKind kind, Address stack_address) {
  const platform::ErrnoSaver keep;
  ThreadState& thread = thread_state;
  prepare_thread(thread);
  const std::uint32_t uncaught = uncaught_count().value_or(0);
  auto* const slice =
      new (std::nothrow) Slice{coroutine, &code, kind, stack_address, thread.number, uncaught, nullptr};
  Scope scope{ScopeKind::kCoroutine, reinterpret_cast<std::uintptr_t>(slice), {}, nullptr};
  if (coroutine != nullptr) {
    const SlowSection section(thread);
    const platform::LockGuard guard(coroutine_lock(coroutine->frame));
    if (slice != nullptr) start(*slice);
    scope.context = coroutine->context;
    // A parent's journal is not there in its child.
    scope.home = coroutine->process == process_id() ? coroutine->home : nullptr;
  }
  if (slice != nullptr && enter_scope(scope, stack_address)) return slice;
  const SlowSection section(thread);
  if (slice != nullptr) {
    slice_was_left(slice, EndKind::kUnwound);
  } else if (coroutine != nullptr) {
    release_coroutine(coroutine);
  }
  return nullptr;
}

void end_slice(Slice* slice, EndKind end) {
  const platform::ErrnoSaver keep;
  // A scope that is not there any more has told of its end, and the slice is gone.
  if (!leave_scope(ScopeKind::kCoroutine, owner_of(*slice), EndKind::kUnwound)) return;
  const SlowSection section(thread_state);
  slice_was_left(slice, end);
}

void slice_was_left(Slice* slice, EndKind end) {
  if (slice->coroutine != nullptr) {
    if (end == EndKind::kException) note_caught(*slice->coroutine, exception_facts(thread_state));
    finish(*slice, end);
    release_coroutine(slice->coroutine);
  }
  delete slice;
}

void settle_slice(StackState& stack, Frame& scope) {
  if (!is_scope(scope) || scope_kind(scope) != ScopeKind::kCoroutine) return;
  if (!has_come_to_its_end(*reinterpret_cast<const Slice*>(scope.call_site))) return;
  Frame* const beneath = recorded_at(&scope - 1);
  if (beneath == nullptr) return use_context_of(scope, bottom_context(stack), nullptr);
  settle_slice(stack, *beneath);
  use_context_of(scope, context_of(*beneath), home_of(*beneath));
}

void note_body_is_over(const Slice& slice) {
  if (slice.coroutine == nullptr) return;
  const SlowSection section(thread_state);
  const platform::LockGuard guard(coroutine_lock(slice.coroutine->frame));
  slice.coroutine->body_is_over = true;
}

void note_caught(Coroutine& coroutine, journal::SpanDraft* facts) {
  if (facts == nullptr) return;
  const platform::LockGuard guard(coroutine_lock(coroutine.frame));
  keep_caught(coroutine, facts);
}

void end_coroutine(Coroutine& coroutine, EndKind end) {
  const SlowSection section(thread_state);
  const platform::LockGuard guard(coroutine_lock(coroutine.frame));
  close(coroutine, end);
}

void forget_coroutine(Coroutine& coroutine, EndKind end) {
  const SlowSection section(thread_state);
  const platform::LockGuard guard(coroutine_lock(coroutine.frame));
  close(coroutine, end);
  forget(coroutine);
}

void close_gone_coroutines() {
  const SlowSection section(thread_state);
  visit_coroutines([](Coroutine& coroutine) {
    if (coroutine.slice != nullptr || read_word(coroutine.frame) == coroutine.suspended_word) return;
    close(coroutine, EndKind::kUnwound);
  });
}

Frame* innermost_frame() {
  const StackState& stack = thread_state.stack;
  return stack.overflow != 0 ? call_at(stack.overflow_top - 1) : top_call(stack);
}

Slice* next_slice(Frame*& frame) {
  while (frame != nullptr) {
    const Frame& found = *frame;
    frame = call_at(frame - 1);
    if (is_scope(found) && scope_kind(found) == ScopeKind::kCoroutine)
      return reinterpret_cast<Slice*>(found.call_site);
  }
  return nullptr;
}

}  // namespace llmo::span
