// A span that is not a call on a thread's stack: opened and closed by hand, on whichever threads.
//
// While it is open, a slot of the journal shows it, so it is in the trace whatever happens to the process;
// when it is closed, one whole record replaces the slot.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/journal/format.h"
#include "shim/journal/span_draft.h"
#include "shim/span/context.h"

namespace llmo::span {

// Move-only. A span that is not closed when it is destroyed closes as kUnwound; in a forked child it just
// goes. Threads: one at a time may use it; it may be handed over. Nothing here throws, waits, or uses the
// host's heap or errno. Where there is no room, everything still works and the loss is counted in the
// journal.
class DetachedSpan {
 public:
  DetachedSpan();
  DetachedSpan(DetachedSpan&& other) noexcept;
  DetachedSpan& operator=(DetachedSpan&& other) noexcept;
  ~DetachedSpan();

  // Opens a span below `parent`, a root where that is empty. It starts now.
  static DetachedSpan open(const SpanContext& parent, journal::SpanKind kind, std::string_view name);
  // The same, with the name and attributes of `facts`, and since `start_ticks`, if that is not 0.
  static DetachedSpan open(const SpanContext& parent, journal::SpanKind kind, const journal::SpanDraft& facts,
                           std::uint64_t start_ticks = 0);

  // False for a default-constructed, moved-from or closed one, and where recording is off or paused.
  bool is_open() const { return state_ != nullptr; }

  // False where its trace is not sampled, too: what it would be told of is not worth finding out.
  bool is_recorded() const;

  // The context that children of this span, here or on the wire, have as parent. Empty when not open.
  SpanContext context() const { return context_; }

  // What is known so far: name, status and attributes may be changed until close(). Call only when is_open().
  journal::SpanDraft& draft();

  // Copies the draft into the open slot, so that a trace of a killed process has it. Cheap, but not free:
  // once after the first facts are known.
  void show();

  // Ends the span now and publishes it. Nothing happens when it is not open.
  void close(journal::EndKind end);

  // Lets it go as if it had never been opened. Nothing happens when it is not open.
  void discard();

 private:
  struct State;
  static DetachedSpan make(const SpanContext& parent, journal::SpanKind kind);
  void begin();
  static void release(State* state);
  static void publish_or_count(const State& state, const SpanContext& context, journal::EndKind end);
  static bool publish(const State& state, const SpanContext& context, std::uint64_t end_ticks,
                      journal::EndKind end);

  SpanContext context_;
  State* state_ = nullptr;  // owned; from the private heap
};

}  // namespace llmo::span
