// What the library knows of one thread: where its span stack and its records go in the journal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "shim/journal/format.h"
#include "shim/platform/signal_block.h"
#include "shim/span/context.h"

namespace llmo::journal {
class SpanDraft;
}

namespace llmo::span {

using journal::Frame;
using Address = std::uintptr_t;

inline constexpr std::uint32_t kNoFunction = 0xffffffff;

// The stack of a thread that has none: one slot that is never open, full at once, so that entering and
// leaving take the slow path without asking.
inline constinit std::array<Frame, 2> no_frames{Frame{.word = 0,
                                                      .function = kNoFunction,
                                                      .start_ticks = 0,
                                                      .span_id = 0,
                                                      .parent_span_id = 0,
                                                      .trace = {},
                                                      .stack_address = UINT64_MAX,
                                                      .call_site = 0},
                                                Frame{}};

// Where a thread began in its trace, and the call that started it.
//
// The first span of the thread hangs under that call even if it has returned meanwhile. Later ones only while
// it is open: a pool's thread goes on with the work of others, and a wrong parent is worse than none.
struct Inheritance {
  SpanContext context;
  const Frame* starter =
      nullptr;  // its frame, which stays readable; nullptr: not known, and always the parent

  bool starter_is_open() const {
    if (starter == nullptr) return true;
    // The starter's thread may be filling the slot anew. Acquire: a word of the new call comes with its id.
    const std::uint32_t word = starter->word.load(std::memory_order_acquire);
    const journal::RecordKind kind = journal::word_kind(word);
    return __atomic_load_n(&starter->span_id, __ATOMIC_RELAXED) == context.span &&
           (kind == journal::RecordKind::kOpenFrame || kind == journal::RecordKind::kScopeFrame);
  }
};

// What a child of vfork() has mapped, and left to its parent when it became another program.
struct VforkMemory {
  void* start = nullptr;
  std::size_t size = 0;
};

struct CallFacts;
struct Exception;
struct Fiber;

// One span stack. A thread has one; a fiber has one of its own, which goes with it from thread to thread.
struct StackState {
  // --- read by every traced call
  Frame* top = &no_frames[1];    // the next free slot; top[-1] is always readable
  Frame* limit = &no_frames[1];  // end of the segment

  // --- rare
  bool attached = false;                          // has frames in the journal
  bool inherited_used = false;                    // some span has had what is inherited as parent
  std::uint32_t overflow = 0;                     // open calls that there was no room for
  Frame* overflow_top = nullptr;                  // `top` while overflow != 0
  std::uint32_t depth_sequence = 0;               // segments below the current one
  std::uint32_t deep_function = kNoFunction;      // of the first call that was too deep, while it is open
  std::uint64_t deep_ticks = 0;                   // when that began
  journal::BlockHeader* spare_segment = nullptr;  // kept for a stack that moves about a segment's end
  Frame* held_limit = nullptr;                    // `limit`, while every call is to take the slow path
  CallFacts* facts = nullptr;                     // of open calls, the innermost first (span/call_facts.h)
  journal::SpanDraft* received = nullptr;         // links to the last messages, owned (span/received.h)
  Inheritance inherited;                          // what spans have as parent where the stack is empty
};

// Trivially destructible and constant-initialised, so that it may be used before the thread's constructors
// and after its destructors. One thread uses it, and the signal handlers that interrupt it.
struct ThreadState {
  // --- read by every traced call
  StackState stack;                   // the one that the thread runs on now
  std::byte* record = nullptr;        // where the next record goes
  std::byte* record_limit = nullptr;  // end of its block
  std::uint64_t random = 0;           // state of the id generator; 0: not seeded
  // Where on the stack the code runs that has claimed room for a record and not published it yet; 0: none
  // has. Of several, one interrupted by the next, the first.
  std::uintptr_t claim = 0;

  // --- rare
  bool busy = false;       // inside a slow path: what it calls must not enter another
  bool asks_host = false;  // code of the host answers a question of ours: its calls are not the program's
  bool forking = false;    // in fork(), with at_fork set
  bool aborting = false;   // in abort()
  bool cancel_requested = false;  // by pthread_cancel(), which may be called by another thread: __atomic only
  journal::EndKind leaving = journal::EndKind::kReturned;  // how the thread has begun to end, where it has
  std::uint64_t leaving_ticks = 0;  // since when: calls that began later, in destructors, return
  std::uint32_t vfork_depth = 0;    // a child of vfork() runs in the thread's place: nothing is recorded
  Exception* exceptions = nullptr;  // that were raised here, the last one first (span/exceptions.h)
  std::uint32_t number = 0;         // within the process, from 1
  std::uint32_t tid = 0;
  std::uint32_t record_sequence = 0;
  journal::BlockHeader* record_block = nullptr;
  std::uint64_t retry_ticks = 0;                // no room was found: not sought again before
  Inheritance at_fork;                          // where this thread was when it called fork()
  journal::BlockHeader* left_out = nullptr;     // where calls are counted that are left out (span/left_out.h)
  journal::BlockHeader* spare_stack = nullptr;  // an empty block of the first stack that needs one
  // Who called the latest final_suspend() of a promise: its call site, and the code that it was inlined into.
  std::array<Address, 2> final_suspend_callers{};
  Fiber* fiber = nullptr;   // that the thread runs on; nullptr: its own stack
  StackState own_stack;     // where that is while a fiber runs
  Address own_left_at = 0;  // the stack address at which the own stack was left for it
  StackState before_vfork;  // `stack` while vfork_depth != 0
  SpanContext at_vfork;     // where this thread was when it called vfork()
  VforkMemory vfork_memory;
};

extern constinit thread_local ThreadState thread_state;

// Sets journal::kFlag* bits of an open frame of the calling thread. Atomic: who cancels the thread sets one
// too (span/thread_end.h), and a reader may look meanwhile.
inline void set_flag(Frame& frame, std::uint32_t flag) {
  frame.word.fetch_or(journal::with_flags(0, flag), std::memory_order_release);
}

// A full journal is asked again after about a millisecond, whichever clock ticks: looking for a free block
// costs more than the span that would go there.
inline constexpr std::uint64_t kRetryTicks = 2'000'000;

// A stretch of rare work for a thread: no signal handler comes in between. Two system calls; none inside of
// another one, which keeps the signals away already.
class SlowSection {
 public:
  explicit SlowSection(ThreadState& thread) : thread_(thread), was_busy_(thread.busy) {
    if (!was_busy_) signals_.emplace();
    thread_.busy = true;
  }
  ~SlowSection() { thread_.busy = was_busy_; }
  SlowSection(const SlowSection&) = delete;
  SlowSection& operator=(const SlowSection&) = delete;

 private:
  std::optional<platform::SignalBlock> signals_;  // the mark is set and taken back behind it
  ThreadState& thread_;
  const bool was_busy_;
};

}  // namespace llmo::span
