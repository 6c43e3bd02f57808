// Looking at the frames of a span stack: what a slot holds, and which is the innermost that is open.
#pragma once

#include "shim/journal/format.h"
#include "shim/span/context.h"
#include "shim/span/scope.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

inline journal::RecordKind kind_of(const Frame& frame) {
  return journal::word_kind(frame.word.load(std::memory_order_relaxed));
}

inline bool is_call(const Frame& frame) { return kind_of(frame) == journal::RecordKind::kOpenFrame; }
inline bool is_scope(const Frame& frame) { return kind_of(frame) == journal::RecordKind::kScopeFrame; }
// A call that is open and not recorded. It is closed like one that is, and is nobody's parent.
inline bool is_muted(const Frame& frame) { return kind_of(frame) == journal::RecordKind::kMutedFrame; }

// A scope's frame names its kind in place of a function, none of which has such an id; its owner in place of
// the call site, and where its span is open in place of the parent.
inline constexpr std::uint32_t kFirstScope = 0xffffff00;

inline std::uint32_t function_of(ScopeKind kind) { return kFirstScope + static_cast<std::uint32_t>(kind); }
inline ScopeKind scope_kind(const Frame& frame) {
  return static_cast<ScopeKind>(frame.function - kFirstScope);
}

// A block that was begun by hand. One that is free may go on beyond the function that began it, so it is as
// deep as the call around it.
inline bool is_block(const Frame& frame) {
  return is_scope(frame) && scope_kind(frame) == ScopeKind::kByHand;
}
inline bool is_free_block(const Frame& frame) { return is_block(frame) && frame.start_ticks == 0; }

// Where the span of a call or scope is open.
inline const Frame* home_of(const Frame& frame) {
  const bool elsewhere = is_scope(frame) && frame.parent_span_id != 0;
  return elsewhere ? reinterpret_cast<const Frame*>(frame.parent_span_id) : &frame;
}

// What spans above the frame have as parent.
inline SpanContext context_of(const Frame& frame) {
  std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  if (is_call(frame)) flags &= journal::kTraceFlagsMask;
  return {frame.trace, frame.span_id, flags};
}

// A context frame that begins a further segment keeps in `call_site` where the segment below ended; the one
// at the bottom of the stack has 0 there.
inline Frame* top_of_segment_below(const Frame& context) {
  return reinterpret_cast<Frame*>(context.call_site);
}

inline bool begins_segment(const Frame& frame) {
  return kind_of(frame) == journal::RecordKind::kContextFrame && frame.call_site != 0;
}

// The nearest slot at or below `frame` that is filled: a slot may be claimed by a call that this code
// interrupted. A stack's bottom is always filled.
inline Frame* filled(Frame* frame) {
  while (frame->word.load(std::memory_order_relaxed) == 0) --frame;
  return frame;
}

// The open call or scope at or below `frame`, across segments; nullptr where the bottom comes first.
inline Frame* call_at(Frame* frame) {
  frame = filled(frame);
  while (begins_segment(*frame)) frame = filled(top_of_segment_below(*frame) - 1);
  return is_call(*frame) || is_scope(*frame) || is_muted(*frame) ? frame : nullptr;
}

// The same for a call or scope that is recorded.
inline Frame* recorded_at(Frame* frame) {
  Frame* call = call_at(frame);
  while (call != nullptr && is_muted(*call)) call = call_at(call - 1);
  return call;
}

// What the free blocks at `call` stand in, or itself; nullptr where that is the bottom of the stack.
inline Frame* around_blocks(Frame* call) {
  while (call != nullptr && is_free_block(*call)) call = call_at(call - 1);
  return call;
}

// The innermost one of a stack that has not overflown.
inline Frame* top_call(const StackState& stack) { return stack.attached ? call_at(stack.top - 1) : nullptr; }

inline Frame* top_recorded(const StackState& stack) {
  return stack.attached ? recorded_at(stack.top - 1) : nullptr;
}

}  // namespace llmo::span
