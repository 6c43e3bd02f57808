// What the library knows of one thread: where its span stack and its records go in the journal.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shim/journal/format.h"
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

// Trivially destructible and constant-initialised, so that it may be used before the thread's constructors
// and after its destructors. One thread uses it; "and its signal handlers" wherever order matters.
struct ThreadState {
  // --- read by every traced call
  Frame* top = &no_frames[1];         // the next free slot; top[-1] is always readable
  Frame* limit = &no_frames[1];       // end of the segment; nullptr while a slow path changes `top`
  std::byte* record = nullptr;        // where the next record goes
  std::byte* record_limit = nullptr;  // end of its block; nullptr while a slow path changes `record`
  std::uint64_t random = 0;           // state of the id generator; 0: not seeded

  bool claiming = false;  // between claiming a record and publishing it: its block must not change hands

  // --- rare
  bool attached = false;           // has a stack in the journal
  bool busy = false;               // inside a slow path: a signal handler must not enter one
  bool switching_records = false;  // the same for next_record_block(), which other slow paths need
  std::uint32_t overflow = 0;      // open calls that there was no room for
  Frame* overflow_top = nullptr;   // `top` while overflow != 0
  std::uint32_t number = 0;        // within the process, from 1
  std::uint32_t tid = 0;
  std::uint32_t depth_sequence = 0;  // segments of the stack below the current one
  std::uint32_t record_sequence = 0;
  journal::BlockHeader* record_block = nullptr;
  std::uint64_t record_retry_ticks = 0;           // no room was found: not sought again before
  journal::BlockHeader* spare_segment = nullptr;  // kept for a stack that moves about a segment's end
  SpanContext inherited;                          // what spans have as parent where the stack is empty
  SpanContext at_fork;                            // where this thread was when it called fork()
  bool forking = false;
};

extern constinit thread_local ThreadState thread_state;

// Marks the stretch in which a thread's pointers are changed: a signal handler that lands in
class SlowSection {
 public:
  explicit SlowSection(ThreadState& thread) : thread_(thread), was_busy_(thread.busy) {
    thread_.busy = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~SlowSection() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread_.busy = was_busy_;
  }
  SlowSection(const SlowSection&) = delete;
  SlowSection& operator=(const SlowSection&) = delete;

 private:
  ThreadState& thread_;
  const bool was_busy_;
};

}  // namespace llmo::span
