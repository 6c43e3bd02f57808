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
// publish_call() in a block of its own, where there is one; counts a lost span where there is none.
LLMO_COLD void publish_call_slow(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks,
                                 journal::EndKind end);
// Leaves the thread's record block for another; false where there is none, which is not sought again for
// about a millisecond.
LLMO_COLD bool next_record_block();
LLMO_COLD void count_lost_span();

// Records come in units of FunctionSpan, so that one comparison tells whether the next one fits.
constexpr std::size_t reserved_size(std::size_t size) {
  constexpr std::size_t kUnit = sizeof(journal::FunctionSpan);
  return (size + kUnit - 1) / kUnit * kUnit;
}

// True while the thread is inside a traced call.
bool has_open_calls();

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
  // Atomic: a thread that was started by the slot's last call may be looking (Inheritance).
  __atomic_store_n(&frame.span_id, new_span_id(thread), __ATOMIC_RELAXED);
  frame.parent_span_id = parent.span_id;
  frame.trace = parent.span_id != 0 ? parent.trace : new_trace_id(thread);
  frame.stack_address = stack_address;
  frame.call_site = call_site;
  frame.start_ticks = platform::now_ticks();
  // Release: an exporter that sees the frame open sees its fields.
  frame.word.store(journal::make_word(sizeof(Frame), journal::RecordKind::kOpenFrame, flags),
                   std::memory_order_release);
}

// False where a look is needed: at a slot that is claimed and not filled, or at what a thread inherited from
// a call that may have returned.
inline bool is_parent_for_sure(const ThreadState& thread, const Frame& frame) {
  const std::uint32_t word = frame.word.load(std::memory_order_relaxed);
  if (journal::word_kind(word) == journal::RecordKind::kOpenFrame) [[likely]]
    return true;
  return word != 0 && (frame.span_id == 0 || frame.call_site != 0 || thread.inherited.starter_is_open());
}

// Opens the frame of a call. Runs at every traced call: no heap, no lock, no system call.
inline void enter(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  const Frame& parent = thread.top[-1];
  const bool rare = thread.top >= thread.limit || parent.stack_address <= stack_address ||
                    !is_parent_for_sure(thread, parent);
  if (rare) [[unlikely]]
    return enter_slow(function, call_site, stack_address);
  push(thread, parent, function, call_site, stack_address);
}

// Room for one record among the thread's own, from its claim to its publication.
//
// A signal handler may come at any instruction and publish records of its own. So the room is taken by one
// instruction and the limit is compared after it. A block in which a claim is open, of a call that a handler
// interrupted or has jumped out of, is left but not sealed: the exporter would take it for complete.
class RecordClaim {
 public:
  RecordClaim(ThreadState& thread, std::size_t size) : thread_(thread), was_claiming_(thread.claiming) {
    thread_.claiming = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (!fits(size)) return;
    std::byte* const start = advance(size);
    if (start + size <= thread_.record_limit) [[likely]] {
      record_ = start;
    } else {
      thread_.record_limit = nullptr;  // a handler had taken the last room: the block is full
    }
  }
  ~RecordClaim() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread_.claiming = was_claiming_;
  }
  RecordClaim(const RecordClaim&) = delete;
  RecordClaim& operator=(const RecordClaim&) = delete;

  // nullptr where the block has no room for it.
  std::byte* record() const { return record_; }

 private:
  bool fits(std::size_t size) const {
    return thread_.record < thread_.record_limit &&
           static_cast<std::size_t>(thread_.record_limit - thread_.record) >= size;
  }

  std::byte* advance(std::size_t size) {
    __asm__ volatile("xadd %0, %1" : "+r"(size), "+m"(thread_.record) : : "cc", "memory");
    // The exporter has zeroed the block, so its lines are in another processor's cache: a few records ahead
    // they are asked for, to be written to. Beyond the block's end that does nothing.
    __asm__ volatile("prefetchw %0" : : "m"(*reinterpret_cast<const char*>(size + kPrefetchAhead)));
    return reinterpret_cast<std::byte*>(size);
  }

  static constexpr std::size_t kPrefetchAhead = 8 * sizeof(journal::FunctionSpan);

  ThreadState& thread_;
  const bool was_claiming_;
  std::byte* record_ = nullptr;
};

// Copies the frame of a call that is ending into a record; false where the thread's block has no room.
inline bool publish_call(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks,
                         journal::EndKind end) {
  const RecordClaim claim(thread, sizeof(journal::FunctionSpan));
  if (claim.record() == nullptr) [[unlikely]]
    return false;
  auto& record = *reinterpret_cast<journal::FunctionSpan*>(claim.record());
  record.function = frame.function;
  record.start_ticks = frame.start_ticks;
  record.span_id = frame.span_id;
  record.parent_span_id = frame.parent_span_id;
  record.trace = frame.trace;
  record.end_ticks = end_ticks;
  record.end_kind = end;
  const std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  // Release: pairs with the reader's acquire; while the word is zero the record does not exist.
  record.word.store(journal::make_word(sizeof record, journal::RecordKind::kFunctionSpan, flags),
                    std::memory_order_release);
  return true;
}

// Turns the top frame into a record and takes it off.
inline void close_top(ThreadState& thread, journal::EndKind end) {
  Frame& frame = thread.top[-1];
  const std::uint64_t now = platform::now_ticks();
  const bool sampled =
      (journal::word_flags(frame.word.load(std::memory_order_relaxed)) & journal::kFlagSampled) != 0;
  if (sampled && !publish_call(thread, frame, now, end)) [[unlikely]] {
    publish_call_slow(thread, frame, now, end);
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
