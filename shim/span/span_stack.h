// The span stack of a thread: a frame for every open call that is traced, in the journal itself.
//
// Compilers do not always tell when a call ends: an exit hook is skipped by longjmp, by exceptions in clang
// builds, by pthread_exit in C. So a frame keeps the stack address of its hook, and whatever lies strictly
// below the address of a later event is dead and is closed then. Inlined functions report from their caller's
// frame: with an equal address a frame is alive if it came from the same call site and is another function.
//
// Exits are matched by function and call site, from the top, tolerating any address: gcc reaches the exit
// hook by a tail jump, with the frame already gone.
//
//   top ──►  ┌──────────────┐
//            │ Frame  open  │  plan_agent         stack addresses grow downwards on x86-64:
//            │ Frame  open  │  research_workflow  the deeper call has the lower one
//            │ Frame context│  parent of all above: the starter's span, TRACEPARENT, or nothing
//            └──────────────┘  a segment; a full one is followed by another, whose context frame copies its
//            top
#pragma once

#include "shim/journal/format.h"
#include "shim/platform/clock.h"
#include "shim/platform/export.h"
#include "shim/span/ids.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// Rare cases of enter() and exit().
LLMO_COLD void enter_slow(std::uint32_t function, Address call_site, Address stack_address);
LLMO_COLD void exit_slow(std::uint32_t function, Address call_site, Address stack_address);
// Makes room for records; false where there is none. After that it is not sought again for about a
// millisecond.
LLMO_COLD bool next_record_block();
LLMO_COLD void count_lost_span();

// Records come in units of FunctionSpan, so that one comparison tells whether the next one fits.
constexpr std::size_t reserved_size(std::size_t size) {
  constexpr std::size_t kUnit = sizeof(journal::FunctionSpan);
  return (size + kUnit - 1) / kUnit * kUnit;
}

// Room for a record of `size` bytes (at most journal::SpanDraft::kMaxSize) among the calling thread's, all
// zero; nullptr where there is none. The thread must be prepared (tracer.h).
std::byte* reserve_record(std::size_t size);

// Closes what the thread has open and hands its blocks back; it may come again. At the end of a thread.
void detach_thread(journal::EndKind end);

// In the child of a fork: the stack is the parent's, all that is kept of it is its context.
void forget_parent_stack();

// Opens a frame below nothing but `parent`, an open frame or a context frame. There must be room for it.
//
// The slot is claimed before it is filled. A signal handler that lands in between pushes its own calls above
// the slot and takes them off again, so it never writes here; a slot that is claimed but not filled has a
// word of zero.
inline void push(ThreadState& thread, const Frame& parent, std::uint32_t function, Address call_site,
                 Address stack_address) {
  const std::uint32_t parent_word = parent.word.load(std::memory_order_relaxed);
  Frame& frame = *thread.top++;
  // One thread writes and reads, so only the compiler has to be held back: the claim stays before the fields,
  // the fields stay before the word.
  std::atomic_signal_fence(std::memory_order_release);
  std::uint32_t flags = journal::word_flags(parent_word);
  if (journal::word_kind(parent_word) == journal::RecordKind::kOpenFrame) flags &= journal::kTraceFlagsMask;
  frame.function = function;
  frame.span_id = new_span_id(thread);
  frame.parent_span_id = parent.span_id;
  frame.trace = parent.span_id != 0 ? parent.trace : new_trace_id(thread);
  frame.stack_address = stack_address;
  frame.call_site = call_site;
  frame.start_ticks = platform::now_ticks();
  // Release: an exporter that sees the frame open sees its fields.
  frame.word.store(journal::make_word(sizeof(Frame), journal::RecordKind::kOpenFrame, flags),
                   std::memory_order_release);
}

// Opens the frame of a call. Runs at every traced call: no heap, no lock, no system call.
inline void enter(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  const Frame& parent = thread.top[-1];
  const bool rare = thread.top >= thread.limit || parent.stack_address <= stack_address ||
                    parent.word.load(std::memory_order_relaxed) == 0;
  if (rare) [[unlikely]]
    return enter_slow(function, call_site, stack_address);
  push(thread, parent, function, call_site, stack_address);
}

// Takes `size` bytes of the thread's record block. One instruction, as a signal handler that came between
// reading and moving the pointer would have its own record overwritten.
inline std::byte* claim_record(ThreadState& thread, std::size_t size) {
  __asm__ volatile("xadd %0, %1" : "+r"(size), "+m"(thread.record) : : "cc", "memory");
  return reinterpret_cast<std::byte*>(size);
}

// Turns the top frame into a record and takes it off.
inline void close_top(ThreadState& thread, journal::EndKind end) {
  Frame& frame = thread.top[-1];
  const std::uint64_t now = platform::now_ticks();
  const std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  if ((flags & journal::kFlagSampled) != 0) [[likely]] {
    if (thread.record < thread.record_limit || next_record_block()) [[likely]] {
      auto& record =
          *reinterpret_cast<journal::FunctionSpan*>(claim_record(thread, sizeof(journal::FunctionSpan)));
      record.function = frame.function;
      record.start_ticks = frame.start_ticks;
      record.span_id = frame.span_id;
      record.parent_span_id = frame.parent_span_id;
      record.trace = frame.trace;
      record.end_ticks = now;
      record.end_kind = end;
      // Release: pairs with the reader's acquire; while the word is zero the record does not exist.
      record.word.store(journal::make_word(sizeof record, journal::RecordKind::kFunctionSpan, flags),
                        std::memory_order_release);
    } else {
      count_lost_span();
    }
  }
  // Release: the record is there before the frame is gone (rule 2 of format.h).
  frame.word.store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_release);
  thread.top = &frame;
}

// Closes the frame of a call that returns.
inline void exit(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  const Frame& frame = thread.top[-1];
  if (frame.function == function && frame.call_site == call_site) [[likely]] {
    close_top(thread, journal::EndKind::kReturned);
    return;
  }
  exit_slow(function, call_site, stack_address);
}

}  // namespace llmo::span
