// Stretches in which a coroutine runs, and what is found at their end: suspended, or over.
//
// A slice is a scope on the running thread's span stack (span/scope.h) that gives the coroutine's context to
// what opens in it. Slices of one coroutine may overlap: an awaiter hands the handle to another thread, which
// resumes it before the first has returned. Then the later one is where it runs, and the earlier one's end
// says nothing of it.
//
//   thread 1   ├─ ramp ──────────┤      ├─ resume ──┤
//   thread 2                   ├─ resume ─┤            ├─ destroy ─┤
#pragma once

#include "shim/journal/format.h"
#include "shim/span/coroutine_table.h"

namespace llmo::span {

enum class SliceKind : std::uint8_t {
  kRamp,     // from when the coroutine is known, in the ramp, until that returns
  kFirst,    // what the ramp calls to run to the first suspension
  kResume,   // from a resumption to the next suspension
  kDestroy,  // the frame is destroyed
};

struct Slice {
  Coroutine* coroutine = nullptr;  // referred to; nullptr: of one that nothing is known of
  const CoroutineCode* code = nullptr;
  SliceKind kind = SliceKind::kResume;
  Address stack_address = 0;
  std::uint32_t thread = 0;    // its number
  std::uint32_t uncaught = 0;  // exceptions on their way when it began
  Slice* outer = nullptr;      // of the same coroutine, beneath on the same thread
};

// Makes a coroutine of an open call of its ramp, the thread's innermost; the call's frame becomes a scope,
// for the rest of the ramp, whose slice is handed back. `frame` is followed from now on; what was followed
// there before is over. nullptr where there is no memory: then nothing has changed. In a SlowSection.
Slice* open_coroutine(ThreadState& thread, Frame& ramp, const CoroutineCode& code, Address frame,
                      Address suspended_word);

// Begins a slice on the calling thread; takes over a reference to `coroutine`, which may be nullptr: what
// opens in it are roots then. nullptr where there is no room. Not in a SlowSection.
Slice* begin_slice(Coroutine* coroutine, const CoroutineCode& code, SliceKind kind, Address stack_address);

// Ends a slice of the calling thread that is left in the ordinary way, and deletes it. What is open above it
// is closed as left without a word. A coroutine that has come to its end in it ends as `end`.
void end_slice(Slice* slice, journal::EndKind end = journal::EndKind::kReturned);

// The same for one whose scope is gone already. In a SlowSection.
void slice_was_left(Slice* slice, journal::EndKind end);

// What opens next in a scope of this kind: a coroutine that is at its final suspend point has ended, and what
// runs in its slice all the same (a coroutine that waited for it, say, resumed by its awaiter) is not its
// doing. From then on the scope has the context of what lies beneath. In a SlowSection.
void settle_slice(StackState& stack, Frame& scope);

// The coroutine has called its promise's final_suspend(): however its frame looks when the slice ends, it was
// its last. The frame's memory may be free by then and say what it did before. Not in a SlowSection.
void note_body_is_over(const Slice& slice);

// An exception was caught in the body of a coroutine, perhaps because it left it. Takes over `facts`, which
// may be nullptr. In a SlowSection.
void note_caught(Coroutine& coroutine, journal::SpanDraft* facts);

// Closes the span of a coroutine. Its frame may still be resumed or destroyed, and is known until then.
void end_coroutine(Coroutine& coroutine, journal::EndKind end);

// The same for one that has no frame any more.
void forget_coroutine(Coroutine& coroutine, journal::EndKind end);

// Closes the spans of coroutines that nobody runs and whose frames are gone: their ends were not seen. At the
// end of the process, where else they would count as suspended.
void close_gone_coroutines();

// The calling thread's innermost slice that `matches(slice)` says yes to; nullptr where there is none.
template <typename Predicate>
Slice* find_slice(const Predicate& matches);

// The next slice at or below a frame of a span stack; `frame` becomes the one below it.
Slice* next_slice(Frame*& frame);
Frame* innermost_frame();

template <typename Predicate>
Slice* find_slice(const Predicate& matches) {
  Frame* frame = innermost_frame();
  while (Slice* const slice = next_slice(frame)) {
    if (matches(*slice)) return slice;
  }
  return nullptr;
}

}  // namespace llmo::span
