// What the library knows of one thread: where its span stack and its records go in the journal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "shim/journal/format.h"
#include "shim/platform/signal_block.h"
#include "shim/span/context.h"

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
    return __atomic_load_n(&starter->span_id, __ATOMIC_RELAXED) == context.span &&
           journal::word_kind(word) == journal::RecordKind::kOpenFrame;
  }
};

// Trivially destructible and constant-initialised, so that it may be used before the thread's constructors
// and after its destructors. One thread uses it, and the signal handlers that interrupt it.
struct ThreadState {
  // --- read by every traced call
  Frame* top = &no_frames[1];         // the next free slot; top[-1] is always readable
  Frame* limit = &no_frames[1];       // end of the segment
  std::byte* record = nullptr;        // where the next record goes
  std::byte* record_limit = nullptr;  // end of its block
  std::uint64_t random = 0;           // state of the id generator; 0: not seeded
  bool claiming = false;              // a record is claimed and not published yet

  // --- rare
  bool attached = false;          // has a stack in the journal
  bool busy = false;              // inside a slow path: what it calls must not enter another
  std::uint32_t overflow = 0;     // open calls that there was no room for
  Frame* overflow_top = nullptr;  // `top` while overflow != 0
  std::uint32_t number = 0;       // within the process, from 1
  std::uint32_t tid = 0;
  std::uint32_t depth_sequence = 0;  // segments of the stack below the current one
  std::uint32_t record_sequence = 0;
  journal::BlockHeader* record_block = nullptr;
  std::uint64_t retry_ticks = 0;                  // no room was found: not sought again before
  journal::BlockHeader* spare_segment = nullptr;  // kept for a stack that moves about a segment's end
  Inheritance inherited;                          // what spans have as parent where the stack is empty
  bool inherited_used = false;                    // some span has had it as parent
  Inheritance at_fork;                            // where this thread was when it called fork()
  bool forking = false;
};

extern constinit thread_local ThreadState thread_state;

// A stretch of rare work for a thread: no signal handler comes in between.
class SlowSection {
 public:
  explicit SlowSection(ThreadState& thread) : thread_(thread), was_busy_(thread.busy) { thread_.busy = true; }
  ~SlowSection() { thread_.busy = was_busy_; }
  SlowSection(const SlowSection&) = delete;
  SlowSection& operator=(const SlowSection&) = delete;

 private:
  const platform::SignalBlock signals_;  // first, so that the mark is set and taken back behind it
  ThreadState& thread_;
  const bool was_busy_;
};

}  // namespace llmo::span
