// Where the frames of a span stack lie: blocks of the journal, taken when they are needed and given back when
// they are empty.
//
// All of it in a SlowSection, on the stack that the thread runs on now (ThreadState::stack).
#pragma once

#include "shim/span/context.h"
#include "shim/span/stack_frames.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// Room for one more frame; false where there is none. A full journal may have room again at the next call.
bool make_room(ThreadState& thread);

// Has every call take the slow path until one makes room.
void hold_stack(StackState& stack);

// True where a full segment is the last one that LLMOBSERVE_MAX_DEPTH allows.
bool is_deep_enough(const StackState& stack);

// What spans at the bottom of the stack have as parent now (Inheritance says why it changes).
SpanContext bottom_context(StackState& stack);

// What the stack inherited comes to an end when its starter has returned, but for the first span.
void renew_bottom(StackState& stack);

// What an open slot holds.
struct FrameFields {
  journal::RecordKind kind;
  std::uint32_t flags;
  std::uint32_t function;
  std::uint64_t span_id;
  std::uint64_t parent_span_id;
  journal::TraceId trace;
  Address stack_address;
  Address call_site;
  std::uint64_t start_ticks;
};

// Opens a slot that the calling thread has claimed. Needs no SlowSection.
void fill_frame(Frame& frame, const FrameFields& fields);

// Makes a frame that is no call: what spans above it have as parent. `function`, `token` and `home` are as
// its kind says.
void fill_context_frame(Frame& frame, journal::RecordKind kind, std::uint32_t function,
                        const SpanContext& context, Address stack_address, Address token,
                        const Frame* home = nullptr);

// Goes back to the segment below if the current one has no open call left. One empty segment is kept, so that
// a recursion that moves about the end of a segment does not take and give back blocks all the time.
void drop_empty_segments(StackState& stack);

// Calls that there is no room for are counted and not kept. While there are any, the stack looks full and
// empty at once, so that all come to the slow path and pair there. A stack overflows only at the end of a
// segment.
void begin_overflow(StackState& stack);
void end_overflow(StackState& stack);

// Gives the stack's blocks back. Nothing in it may be open.
void release_stack(StackState& stack);

// The same for a stack that the thread leaves for another, if it is empty: one block is kept for whichever
// stack of the thread needs the next.
void release_empty_stack(ThreadState& thread);

void count_lost_frame();

}  // namespace llmo::span
