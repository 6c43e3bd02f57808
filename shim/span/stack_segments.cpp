#include "shim/span/stack_segments.h"

#include <algorithm>
#include <utility>

#include "shim/platform/clock.h"
#include "shim/span/left_out.h"
#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::BlockHeader;
using journal::BlockKind;
using journal::Journal;
using journal::RecordKind;

namespace {

Frame* frames_of(BlockHeader* block) { return reinterpret_cast<Frame*>(block + 1); }
BlockHeader* block_of(Frame* first) { return reinterpret_cast<BlockHeader*>(first) - 1; }

void use_segment(StackState& stack, Frame* top, Frame* limit) {
  stack.top = top;
  stack.limit = limit;
  stack.held_limit = nullptr;
}

void use_no_segment(StackState& stack) { use_segment(stack, &no_frames[1], &no_frames[1]); }

void fill_bottom(Frame& frame, const SpanContext& context) {
  fill_context_frame(frame, RecordKind::kContextFrame, kNoFunction, context, UINT64_MAX, 0);
}

constexpr std::size_t kCallsPerSegment = journal::kFramesPerBlock - 1;  // one is the context frame

// LLMOBSERVE_MAX_DEPTH lies in one of the segments.
Frame* end_of_segment(const StackState& stack, Frame* first) {
  const std::size_t max_depth = settings().max_depth;
  const std::size_t below = stack.depth_sequence * kCallsPerSegment;
  const std::size_t left = max_depth == 0 ? kCallsPerSegment : max_depth - std::min(max_depth, below);
  return first + 1 + std::min(left, kCallsPerSegment);
}

BlockHeader* take_first_block(ThreadState& thread, Journal& journal) {
  if (BlockHeader* const spare = std::exchange(thread.spare_stack, nullptr)) return spare;
  return journal.take_block(BlockKind::kFrames, {thread.number, thread.tid}, 0);
}

// Gives the thread a stack. What it inherits lies at the bottom, above every stack address.
bool attach(ThreadState& thread) {
  Journal* const journal = open_journal();
  if (journal == nullptr || platform::now_ticks() < thread.retry_ticks) return false;
  prepare_thread(thread);
  BlockHeader* const block = take_first_block(thread, *journal);
  if (block == nullptr) {
    thread.retry_ticks = platform::now_ticks() + kRetryTicks;
    return false;
  }
  watch_thread_end();
  StackState& stack = thread.stack;
  Frame* const first = frames_of(block);
  fill_bottom(*first, bottom_context(stack));
  stack.attached = true;
  stack.depth_sequence = 0;
  use_segment(stack, first + 1, end_of_segment(stack, first));
  return true;
}

bool add_segment(ThreadState& thread) {
  Journal* const journal = journal_if_open();
  if (journal == nullptr) return false;
  StackState& stack = thread.stack;
  BlockHeader* block = std::exchange(stack.spare_segment, nullptr);
  if (block == nullptr) {
    block = journal->take_block(BlockKind::kFrames, {thread.number, thread.tid}, stack.depth_sequence + 1);
  }
  if (block == nullptr) return false;
  ++stack.depth_sequence;
  const Frame& below = *filled(stack.top - 1);
  Frame* const first = frames_of(block);
  fill_context_frame(*first, RecordKind::kContextFrame, kNoFunction, context_of(below), below.stack_address,
                     reinterpret_cast<Address>(stack.top));
  use_segment(stack, first + 1, end_of_segment(stack, first));
  return true;
}

// Takes the last block off a stack in which nothing is open.
BlockHeader* take_last_block(StackState& stack) {
  drop_empty_segments(stack);
  Frame* const first = filled(stack.top - 1);
  use_no_segment(stack);
  stack.attached = false;
  if (stack.spare_segment != nullptr) Journal::give_back(std::exchange(stack.spare_segment, nullptr));
  return block_of(first);
}

}  // namespace

void hold_stack(StackState& stack) {
  if (!stack.attached || stack.overflow != 0 || stack.held_limit != nullptr) return;
  stack.held_limit = stack.limit;
  stack.limit = nullptr;
}

bool make_room(ThreadState& thread) {
  if (thread.stack.held_limit != nullptr)
    thread.stack.limit = std::exchange(thread.stack.held_limit, nullptr);
  if (!thread.stack.attached) return attach(thread);
  StackState& stack = thread.stack;
  return stack.top < stack.limit || (!is_deep_enough(stack) && add_segment(thread));
}

bool is_deep_enough(const StackState& stack) {
  const std::size_t max_depth = settings().max_depth;
  return max_depth != 0 && (stack.depth_sequence + std::size_t{1}) * kCallsPerSegment >= max_depth;
}

SpanContext bottom_context(StackState& stack) {
  const Inheritance& inherited = stack.inherited;
  if (!inherited.context.empty() && (!stack.inherited_used || inherited.starter_is_open())) {
    stack.inherited_used = true;
    return inherited.context;
  }
  return inherited.context.empty() ? remote_parent() : SpanContext{};
}

void renew_bottom(StackState& stack) {
  Frame& bottom = *filled(stack.top - 1);
  const bool is_bottom = kind_of(bottom) == RecordKind::kContextFrame && bottom.call_site == 0;
  if (!is_bottom || stack.inherited.context.empty() || stack.inherited.starter_is_open()) return;
  fill_bottom(bottom, {});
}

void fill_frame(Frame& frame, const FrameFields& fields) {
  frame.function = fields.function;
  __atomic_store_n(&frame.span_id, fields.span_id, __ATOMIC_RELAXED);  // as in push()
  frame.parent_span_id = fields.parent_span_id;
  frame.trace = fields.trace;
  frame.stack_address = fields.stack_address;
  frame.call_site = fields.call_site;
  frame.start_ticks = fields.start_ticks;
  // Release: an exporter that sees the frame open sees its fields.
  frame.word.store(journal::make_word(sizeof(Frame), fields.kind, fields.flags), std::memory_order_release);
}

void fill_context_frame(Frame& frame, RecordKind kind, std::uint32_t function, const SpanContext& context,
                        Address stack_address, Address token, const Frame* home) {
  const std::uint32_t flags = context.empty() ? journal::kTraceFlagsMask : context.flags;
  fill_frame(frame, {.kind = kind,
                     .flags = flags,
                     .function = function,
                     .span_id = context.span,
                     .parent_span_id = reinterpret_cast<Address>(home),
                     .trace = context.trace,
                     .stack_address = stack_address,
                     .call_site = token,
                     .start_ticks = 0});
}

void drop_empty_segments(StackState& stack) {
  while (begins_segment(stack.top[-1])) {
    Frame* const first = stack.top - 1;
    Frame* const below = top_of_segment_below(*first);
    use_segment(stack, below, below);
    --stack.depth_sequence;
    if (stack.spare_segment != nullptr) Journal::give_back(stack.spare_segment);
    first->word.store(0, std::memory_order_release);
    stack.spare_segment = block_of(first);
  }
}

void begin_overflow(StackState& stack) {
  stack.overflow = 1;
  stack.overflow_top = stack.top;
  use_no_segment(stack);
}

void end_overflow(StackState& stack) {
  if (stack.deep_function != kNoFunction) {
    const std::uint64_t ticks = platform::now_ticks() - stack.deep_ticks;
    count_left_out(stack.deep_function, journal::LeftOutReason::kTooDeep, 0, ticks);
    stack.deep_function = kNoFunction;
  }
  stack.overflow = 0;
  use_segment(stack, stack.overflow_top, stack.overflow_top);
  stack.overflow_top = nullptr;
}

void release_stack(StackState& stack) {
  if (stack.attached) Journal::give_back(take_last_block(stack));
}

// One with a slot that is claimed and not filled is not empty: a call was interrupted in opening.
void release_empty_stack(ThreadState& thread) {
  StackState& stack = thread.stack;
  if (!stack.attached || stack.overflow != 0 || stack.top[-1].word.load(std::memory_order_relaxed) == 0 ||
      top_call(stack) != nullptr) {
    return;
  }
  BlockHeader* const block = take_last_block(stack);
  if (thread.spare_stack != nullptr) return Journal::give_back(block);
  frames_of(block)->word.store(0, std::memory_order_release);
  thread.spare_stack = block;
  watch_thread_end();
}

void count_lost_frame() {
  Journal* const journal = journal_if_open();
  if (journal != nullptr) journal->header().lost_frames.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace llmo::span
