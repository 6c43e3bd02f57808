// The span stack of a thread: a frame for every open call that is traced, in the journal itself. Between them
// lie frames of scopes, which are no calls (scope.h), and of calls that are open and not recorded.
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

#include <optional>

#include "shim/journal/format.h"
#include "shim/journal/span_draft.h"
#include "shim/platform/clock.h"
#include "shim/platform/export.h"
#include "shim/span/hot_state.h"
#include "shim/span/ids.h"
#include "shim/span/sampler.h"
#include "shim/span/stack_frames.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// Opens a call that is not recorded. Without a reason why, only while the thread has others open: else there
// is none that its exit could be taken for.
void enter_muted(std::uint32_t function, Address call_site, Address stack_address,
                 std::optional<journal::LeftOutReason> counted);
// Ends a call that is shorter than LLMOBSERVE_MIN_DURATION, but for taking its frame off.
LLMO_COLD void publish_short(ThreadState& thread, Frame& frame, std::uint64_t end_ticks,
                             journal::EndKind end);

// Rare cases of enter() and exit().
LLMO_COLD void enter_slow(std::uint32_t function, Address call_site, Address stack_address);
LLMO_COLD void exit_slow(std::uint32_t function, Address call_site, Address stack_address);
// publish_call() in a block of its own, where there is one; counts a lost span where there is none.
LLMO_COLD void publish_call_slow(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks,
                                 journal::EndKind end);
// Ends a call that has facts or an exception to tell (kFlagLook), but for taking its frame off.
LLMO_COLD void publish_looked_at(ThreadState& thread, Frame& frame, std::uint64_t end_ticks,
                                 journal::EndKind end);
// Leaves the thread's record block for another; false where there is none, which is not sought again for
// about a millisecond.
LLMO_COLD bool next_record_block();
LLMO_COLD void count_lost_span();
// Hands the thread's record block over to the exporter, at the end of the thread. In a SlowSection.
void leave_record_block(ThreadState& thread);
// Lets readers step over the room that calls had claimed, before a jump left them for good: a record's word
// of zero would be the end of the block to them. In a SlowSection.
void give_up_claims(ThreadState& thread);

// Records come in units of FunctionSpan, so that one comparison tells whether the next one fits.
constexpr std::size_t reserved_size(std::size_t size) {
  constexpr std::size_t kUnit = sizeof(journal::FunctionSpan);
  return (size + kUnit - 1) / kUnit * kUnit;
}

// Closes the calls and scopes of the thread whose stack address lies strictly below `stack_address`: they are
// known to be left. In a SlowSection, on the stack that the address belongs to.
void close_calls_below(ThreadState& thread, Address stack_address, journal::EndKind end);

// The innermost open call of the thread; nullptr where there is none, or where a scope comes first.
Frame* innermost_call(ThreadState& thread);

// Closes what the thread has open and hands its blocks back; it may come again. At the end of a thread.
void detach_thread(journal::EndKind end);

// In the child of a fork: the stack is the parent's, all that is kept of it is its context.
void forget_parent_stack();

// Claims the next slot of the stack; there must be one.
//
// A slot is claimed before it is filled. A signal handler that lands in between pushes its own calls above
// the slot and takes them off again, so it never writes here; a slot that is claimed but not filled has a
// word of zero.
inline Frame& claim_slot(StackState& stack) {
  Frame& frame = *stack.top++;
  // One thread writes and reads, so only the compiler has to be held back: the claim stays before the fields,
  // those stay before the word.
  std::atomic_signal_fence(std::memory_order_release);
  return frame;
}

// Opens the frame of a call below nothing but `parent`, an open frame or a context frame. There must be room
// for it. Each field is stored as soon as it is known: fill_frame(), which is given all of them, would cost
// the hook two more registers to save and restore.
inline void push(ThreadState& thread, const Frame& parent, std::uint32_t function, Address call_site,
                 Address stack_address) {
  const std::uint32_t parent_word = parent.word.load(std::memory_order_relaxed);
  Frame& frame = claim_slot(thread.stack);
  const bool parent_is_call = journal::word_kind(parent_word) == journal::RecordKind::kOpenFrame;
  const std::uint32_t kept =
      parent_is_call ? journal::kTraceFlagsMask | journal::kFlagLeaving : journal::kRecordFlagsMask;
  std::uint32_t flags = journal::word_flags(parent_word) & kept;
  frame.function = function;
  // Atomic: a thread that was started by the slot's last call may be looking (Inheritance).
  __atomic_store_n(&frame.span_id, new_span_id(thread), __ATOMIC_RELAXED);
  frame.parent_span_id = parent.span_id;
  if (parent.span_id != 0) {
    frame.trace = parent.trace;
  } else {
    const TraceId trace = new_trace_id(thread);
    frame.trace = trace;
    flags = root_flags(trace);
  }
  frame.stack_address = stack_address;
  frame.call_site = call_site;
  // Of what leaves no record nobody asks the time, which is most of what a call costs.
  if ((flags & journal::kFlagSampled) != 0) [[likely]]
    frame.start_ticks = platform::now_ticks();
  // Release: an exporter that sees the frame open sees its fields.
  frame.word.store(journal::make_word(sizeof(Frame), journal::RecordKind::kOpenFrame, flags),
                   std::memory_order_release);
}

// False where a look is needed: at a slot that is claimed and not filled, at a coroutine that may have ended,
// or at what a thread inherited from a call that may have returned.
inline bool is_parent_for_sure(const ThreadState& thread, const Frame& frame) {
  const std::uint32_t word = frame.word.load(std::memory_order_relaxed);
  if (journal::word_kind(word) == journal::RecordKind::kOpenFrame) [[likely]]
    return true;
  return word != 0 && frame.function != function_of(ScopeKind::kCoroutine) &&
         (frame.span_id == 0 || frame.call_site != 0 || thread.stack.inherited.starter_is_open());
}

// Opens the frame of a call. Runs at every traced call: no heap, no lock, no system call.
inline void enter(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  const Frame& parent = thread.stack.top[-1];
  const bool rare = thread.stack.top >= thread.stack.limit || parent.stack_address <= stack_address ||
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
  RecordClaim(ThreadState& thread, std::size_t size) : thread_(thread), outer_(thread.claim) {
    thread_.claim = outer_ != 0 ? outer_ : stack_pointer();
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
    thread_.claim = outer_;
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

  // Any address of the function that runs will do; this one costs it no frame pointer.
  static Address stack_pointer() {
    Address pointer = 0;
    __asm__("movq %%rsp, %0" : "=r"(pointer));
    return pointer;
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
  const Address outer_;
  std::byte* record_ = nullptr;
};

inline std::uint32_t record_flags(const Frame& frame) {
  return journal::word_flags(frame.word.load(std::memory_order_relaxed)) & journal::kRecordFlagsMask;
}

// Everything of the record of a plain call but its word.
inline void fill_call(journal::FunctionSpan& record, const Frame& frame, std::uint64_t end_ticks,
                      journal::EndKind end) {
  record.function = frame.function;
  record.start_ticks = frame.start_ticks;
  record.span_id = frame.span_id;
  record.parent_span_id = frame.parent_span_id;
  record.trace = frame.trace;
  record.end_ticks = end_ticks;
  record.end_kind = end;
}

// Copies the frame of a call that is ending into a record; false where the thread's block has no room.
inline bool publish_call(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks,
                         journal::EndKind end) {
  const RecordClaim claim(thread, sizeof(journal::FunctionSpan));
  if (claim.record() == nullptr) [[unlikely]]
    return false;
  auto& record = *reinterpret_cast<journal::FunctionSpan*>(claim.record());
  fill_call(record, frame, end_ticks, end);
  // Release: pairs with the reader's acquire; while the word is zero the record does not exist.
  record.word.store(
      journal::make_word(sizeof record, journal::RecordKind::kFunctionSpan, record_flags(frame)),
      std::memory_order_release);
  return true;
}

// The same with attributes and a status; takes a new block where the thread's has no room, false where there
// is none either. For calls (or coroutines) that are rare: not inline. In a SlowSection.
bool publish_with_facts(ThreadState& thread, const Frame& frame, const journal::SpanDraft& facts,
                        std::uint64_t end_ticks, journal::EndKind end);

// Turns the top frame into a record and takes it off. Always inline: as a call of its own it costs the exit
// hook a sixth of a recorded span.
__attribute__((always_inline)) inline void close_top(ThreadState& thread, journal::EndKind end) {
  Frame& frame = thread.stack.top[-1];
  const std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  constexpr std::uint32_t kTakesALook = journal::kFlagLook | journal::kFlagLeaving;
  if ((flags & (journal::kFlagSampled | kTakesALook)) != 0) [[likely]] {
    const std::uint64_t now = platform::now_ticks();
    if (now - frame.start_ticks < hot_state.min_ticks.load(std::memory_order_relaxed)) [[unlikely]] {
      publish_short(thread, frame, now, end);
    } else if ((flags & kTakesALook) == 0) [[likely]] {
      if (!publish_call(thread, frame, now, end)) [[unlikely]]
        publish_call_slow(thread, frame, now, end);
    } else {
      publish_looked_at(thread, frame, now, end);
    }
  }
  // Release: the record is there before the frame is gone (rule 2 of format.h).
  frame.word.store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_release);
  thread.stack.top = &frame;
}

// Closes the frame of a call that returns.
inline void exit(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  const Frame& frame = thread.stack.top[-1];
  if (frame.function == function && frame.call_site == call_site) [[likely]] {
    close_top(thread, journal::EndKind::kReturned);
    return;
  }
  exit_slow(function, call_site, stack_address);
}

}  // namespace llmo::span
