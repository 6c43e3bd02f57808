// The coroutines that are followed, by the address of their frame.
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/platform/lock.h"
#include "shim/span/call_facts.h"
#include "shim/span/context.h"
#include "shim/span/function_table.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

struct Slice;

// A call of a coroutine: one span, from the call of the ramp to the end of the frame.
//
// It lives as long as somebody refers to it: the table, and each of its slices (span/coroutine_slice.h).
struct Coroutine {
  // --- set before it is in the table
  Address frame = 0;
  const CoroutineCode* code = nullptr;
  Address suspended_word = 0;  // what the frame begins with while the coroutine can be resumed
  std::uint32_t process = 0;   // that the span belongs to: a forked child runs it on and never closes it
  SpanContext context;
  Frame call{};  // what the frame of the ramp said

  // --- guarded by the lock of its frame's address
  Frame* home = nullptr;       // where the journal shows it while it is open
  CallFacts* facts = nullptr;  // owned
  // Of an exception that was caught in the body, by the coroutine's own handler if it ends after that; owned.
  journal::SpanDraft* caught = nullptr;
  Slice* slice = nullptr;  // under way, the innermost: one thread at a time runs a coroutine
  std::uint64_t slice_start = 0;
  std::uint64_t running_ticks = 0;
  std::uint64_t resumes = 0;
  bool body_is_over = false;  // it has called its promise's final_suspend()
  bool ended = false;         // its span is closed; the frame may still be there, to be destroyed
  Coroutine* next = nullptr;  // in the table

  std::atomic<std::uint32_t> references{1};
};

// The lock of an address guards what the table holds for it. Taken in a SlowSection, for short: a journal's
// and the heap's locks may be taken under it, no other of these.
platform::Lock& coroutine_lock(Address frame);

// With the lock. The table's own reference is handed over to insert, and back by remove. insert: false where
// there is no memory.
Coroutine* find_coroutine_locked(Address frame);
bool insert_coroutine_locked(Coroutine& coroutine);
bool remove_coroutine_locked(Coroutine& coroutine);

// Calls `visit` for each that is known, with its lock; it may not insert or remove any. In a SlowSection.
void visit_coroutines(void (*visit)(Coroutine& coroutine));

// A new reference to the coroutine with that frame; nullptr where none is known. In a SlowSection.
Coroutine* refer_to_coroutine(Address frame);
void release_coroutine(Coroutine* coroutine);

// In the child of a fork: threads of the parent that held locks are not there any more. What they were
// changing can be read at every instant.
void reset_coroutine_locks_after_fork();

}  // namespace llmo::span
