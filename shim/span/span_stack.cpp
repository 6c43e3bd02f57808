#include "shim/span/span_stack.h"

#include <signal.h>

#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::BlockHeader;
using journal::BlockKind;
using journal::EndKind;
using journal::Journal;
using journal::RecordKind;

constinit thread_local ThreadState thread_state;

namespace {

// A full journal is asked again after about a millisecond, whichever clock ticks: looking for a free block
// costs more than the span that would go there.
constexpr std::uint64_t kRetryTicks = 2'000'000;

Frame* frames_of(BlockHeader* block) { return reinterpret_cast<Frame*>(block + 1); }
BlockHeader* block_of(Frame* first) { return reinterpret_cast<BlockHeader*>(first) - 1; }

RecordKind kind_of(const Frame& frame) {
  return journal::word_kind(frame.word.load(std::memory_order_relaxed));
}

bool is_call(const Frame& frame) { return kind_of(frame) == RecordKind::kOpenFrame; }

// A context frame that begins a further segment keeps in `call_site` where the segment below ended; the one
// at the bottom of the stack has 0 there.
Frame* top_of_segment_below(const Frame& context) { return reinterpret_cast<Frame*>(context.call_site); }

bool begins_segment(const Frame& frame) {
  return kind_of(frame) == RecordKind::kContextFrame && frame.call_site != 0;
}

// The nearest slot at or below `frame` that is filled: a slot may be claimed by a call that this code
// interrupted. A stack's bottom is always filled.
Frame* filled(Frame* frame) {
  while (frame->word.load(std::memory_order_relaxed) == 0) --frame;
  return frame;
}

// The open call at or below `frame`, across segments; nullptr where the bottom comes first.
Frame* call_at(Frame* frame) {
  frame = filled(frame);
  while (begins_segment(*frame)) frame = filled(top_of_segment_below(*frame) - 1);
  return is_call(*frame) ? frame : nullptr;
}

Frame* top_call(const ThreadState& thread) { return thread.attached ? call_at(thread.top - 1) : nullptr; }

void use_segment(ThreadState& thread, Frame* top, Frame* limit) {
  thread.top = top;
  thread.limit = limit;
}

void fill_context_frame(Frame& frame, const SpanContext& context, Address stack_address, Address below) {
  frame.function = kNoFunction;
  frame.start_ticks = 0;
  __atomic_store_n(&frame.span_id, context.span, __ATOMIC_RELAXED);  // as in push()
  frame.parent_span_id = 0;
  frame.trace = context.trace;
  frame.stack_address = stack_address;
  frame.call_site = below;
  const std::uint32_t flags = context.empty() ? journal::kTraceFlagsMask : context.flags;
  frame.word.store(journal::make_word(sizeof(Frame), RecordKind::kContextFrame, flags),
                   std::memory_order_release);
}

// What spans at the bottom of the stack have as parent now (Inheritance says why it changes).
SpanContext bottom_context(ThreadState& thread) {
  const Inheritance& inherited = thread.inherited;
  if (!inherited.context.empty() && (!thread.inherited_used || inherited.starter_is_open())) {
    thread.inherited_used = true;
    return inherited.context;
  }
  return inherited.context.empty() ? remote_parent() : SpanContext{};
}

// Gives the thread a stack. What it inherits lies at the bottom, above every stack address.
bool attach(ThreadState& thread) {
  Journal* const journal = open_journal();
  if (journal == nullptr || platform::now_ticks() < thread.retry_ticks) return false;
  prepare_thread(thread);
  BlockHeader* const block = journal->take_block(BlockKind::kFrames, {thread.number, thread.tid}, 0);
  if (block == nullptr) {
    thread.retry_ticks = platform::now_ticks() + kRetryTicks;
    return false;
  }
  watch_thread_end();
  Frame* const first = frames_of(block);
  fill_context_frame(*first, bottom_context(thread), UINT64_MAX, 0);
  thread.attached = true;
  thread.depth_sequence = 0;
  use_segment(thread, first + 1, first + journal::kFramesPerBlock);
  return true;
}

SpanContext context_of(const Frame& frame) {
  std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  if (is_call(frame)) flags &= journal::kTraceFlagsMask;
  return {frame.trace, frame.span_id, flags};
}

bool add_segment(ThreadState& thread) {
  Journal* const journal = journal_if_open();
  if (journal == nullptr) return false;
  BlockHeader* block = thread.spare_segment;
  thread.spare_segment = nullptr;
  if (block == nullptr) {
    block = journal->take_block(BlockKind::kFrames, {thread.number, thread.tid}, thread.depth_sequence + 1);
  }
  if (block == nullptr) return false;
  ++thread.depth_sequence;
  const Frame& below = thread.top[-1];
  Frame* const first = frames_of(block);
  fill_context_frame(*first, context_of(below), below.stack_address, reinterpret_cast<Address>(thread.top));
  use_segment(thread, first + 1, first + journal::kFramesPerBlock);
  return true;
}

// Goes back to the segment below if the current one has no open call left. One empty segment is kept, so that
// a recursion that moves about the end of a segment does not take and give back blocks all the time.
void drop_empty_segments(ThreadState& thread) {
  while (begins_segment(thread.top[-1])) {
    Frame* const first = thread.top - 1;
    Frame* const below = top_of_segment_below(*first);
    use_segment(thread, below, below);
    --thread.depth_sequence;
    if (thread.spare_segment != nullptr) Journal::give_back(thread.spare_segment);
    first->word.store(0, std::memory_order_release);
    thread.spare_segment = block_of(first);
  }
}

// A slot above it that was claimed and never filled goes with it.
void close_top_call(ThreadState& thread, EndKind end) {
  drop_empty_segments(thread);
  thread.top = filled(thread.top - 1) + 1;
  if (is_call(thread.top[-1])) close_top(thread, end);
  drop_empty_segments(thread);
}

void close_above(ThreadState& thread, const Frame* last, EndKind end) {
  while (Frame* const call = top_call(thread)) {
    if (call == last) break;
    close_top_call(thread, end);
  }
}

// Calls that there is no room for are counted and not kept. While there are any, the stack looks full and
// empty at once, so that all come to the slow path and pair there. A stack overflows only at the end of a
// segment.
void begin_overflow(ThreadState& thread) {
  thread.overflow_top = thread.top;
  use_segment(thread, &no_frames[1], &no_frames[1]);
}

void end_overflow(ThreadState& thread) {
  thread.overflow = 0;
  use_segment(thread, thread.overflow_top, thread.overflow_top);
  thread.overflow_top = nullptr;
}

void count_lost_frame() {
  Journal* const journal = journal_if_open();
  if (journal != nullptr) journal->header().lost_frames.fetch_add(1, std::memory_order_relaxed);
}

// Makes room for one more frame. A full journal may have room again at the next call.
bool make_room(ThreadState& thread) {
  if (!thread.attached) return attach(thread);
  return thread.top < thread.limit || add_segment(thread);
}

// What the thread inherited comes to an end when its starter has returned, but for the first span.
void renew_bottom(ThreadState& thread) {
  Frame& bottom = *filled(thread.top - 1);
  const bool is_bottom = kind_of(bottom) == RecordKind::kContextFrame && bottom.call_site == 0;
  if (!is_bottom || thread.inherited.context.empty() || thread.inherited.starter_is_open()) return;
  fill_context_frame(bottom, {}, UINT64_MAX, 0);
}

// On an alternate stack (sigaltstack(2)) addresses say nothing about the calls of the thread's own.
bool on_alternate_stack() {
  stack_t stack{};
  return platform::sys::call(SYS_sigaltstack, 0, platform::sys::as_long(&stack)) == 0 &&
         (stack.ss_flags & SS_ONSTACK) != 0;
}

void close_dead_calls(ThreadState& thread, std::uint32_t function, Address call_site, Address stack_address) {
  const Frame* const top = top_call(thread);
  if (top == nullptr || top->stack_address > stack_address || on_alternate_stack()) return;
  while (const Frame* const call = top_call(thread)) {
    if (call->stack_address > stack_address) break;
    const bool inlined_caller =
        call->stack_address == stack_address && call->call_site == call_site && call->function != function;
    if (inlined_caller) break;
    close_top_call(thread, EndKind::kUnwound);
  }
}

// The call that an exit belongs to, from the top. The search ends at one that is certainly alive: it is
// another function's, and above the exit's stack address.
Frame* find_call(const ThreadState& thread, std::uint32_t function, Address call_site,
                 Address stack_address) {
  for (Frame* call = top_call(thread); call != nullptr; call = call_at(call - 1)) {
    if (call->function == function && call->call_site == call_site) return call;
    if (call->stack_address >= stack_address && call->function != function) break;
  }
  return nullptr;
}

void take_record_block(ThreadState& thread, Journal& journal) {
  thread.record_limit = nullptr;
  if (thread.record_block != nullptr && !thread.claiming) Journal::seal(thread.record_block);
  thread.claiming = false;
  const journal::ThreadLabel label{thread.number, thread.tid};
  thread.record_block = journal.take_block(BlockKind::kRecords, label, thread.record_sequence);
  if (thread.record_block == nullptr) return;
  ++thread.record_sequence;
  watch_thread_end();
  thread.record = reinterpret_cast<std::byte*>(thread.record_block + 1);
  thread.record_limit = thread.record + journal::kMaxRecordSize;
}

}  // namespace

void enter_slow(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.busy || !recording()) return count_lost_frame();
  const SlowSection section(thread);
  if (thread.overflow != 0) {
    // Deeper than the last call that was kept. One that is not has outlived all that were not kept.
    if (thread.overflow_top[-1].stack_address > stack_address) {
      ++thread.overflow;
      return count_lost_frame();
    }
    end_overflow(thread);
  }
  close_dead_calls(thread, function, call_site, stack_address);
  const bool was_attached = thread.attached;
  if (make_room(thread)) {
    if (was_attached) renew_bottom(thread);
    push(thread, *filled(thread.top - 1), function, call_site, stack_address);
    return;
  }
  count_lost_frame();
  if (!thread.attached) return;
  begin_overflow(thread);
  thread.overflow = 1;
}

void exit_slow(std::uint32_t function, Address call_site, Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.busy) return;
  const SlowSection section(thread);
  if (thread.overflow != 0 && thread.overflow_top[-1].stack_address < stack_address) end_overflow(thread);
  if (thread.overflow != 0) {
    if (--thread.overflow == 0) end_overflow(thread);
    return;
  }
  Frame* const call = find_call(thread, function, call_site, stack_address);
  if (call == nullptr) return;
  close_above(thread, call, EndKind::kUnwound);
  close_top_call(thread, EndKind::kReturned);
}

bool next_record_block() {
  ThreadState& thread = thread_state;
  Journal* const journal = open_journal();
  if (journal == nullptr || platform::now_ticks() < thread.retry_ticks) return false;
  const SlowSection section(thread);
  take_record_block(thread, *journal);
  if (thread.record_block == nullptr) thread.retry_ticks = platform::now_ticks() + kRetryTicks;
  return thread.record_block != nullptr;
}

void publish_call_slow(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks, EndKind end) {
  if (!next_record_block() || !publish_call(thread, frame, end_ticks, end)) count_lost_span();
}

void count_lost_span() {
  Journal* const journal = journal_if_open();
  if (journal != nullptr) journal->header().lost_spans.fetch_add(1, std::memory_order_relaxed);
}

SpanContext current_context(Address stack_address) { return current_position(stack_address).context; }

Inheritance current_position(Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.overflow != 0) return {context_of(thread.overflow_top[-1]), &thread.overflow_top[-1]};
  if (!thread.attached) return {bottom_context(thread), thread.inherited.starter};
  const Frame* call = top_call(thread);
  if (call != nullptr && call->stack_address < stack_address && !thread.busy && !on_alternate_stack()) {
    const SlowSection section(thread);
    for (; call != nullptr && call->stack_address < stack_address; call = top_call(thread)) {
      close_top_call(thread, EndKind::kUnwound);
    }
  }
  if (call != nullptr) return {context_of(*call), call};
  return {bottom_context(thread), thread.inherited.starter};
}

bool has_open_calls() { return thread_state.overflow != 0 || top_call(thread_state) != nullptr; }

void detach_thread(EndKind end) {
  ThreadState& thread = thread_state;
  if (!thread.attached && thread.record_block == nullptr) return;
  const SlowSection section(thread);
  if (thread.overflow != 0) end_overflow(thread);
  if (thread.attached) {
    close_above(thread, nullptr, end);
    drop_empty_segments(thread);
    Frame* const first = filled(thread.top - 1);
    use_segment(thread, &no_frames[1], &no_frames[1]);
    thread.attached = false;
    Journal::give_back(block_of(first));
  }
  if (thread.spare_segment != nullptr) Journal::give_back(thread.spare_segment);
  thread.spare_segment = nullptr;
  thread.record_limit = nullptr;
  if (thread.record_block != nullptr) Journal::seal(thread.record_block);
  thread.record_block = nullptr;
}

void forget_parent_stack() {
  ThreadState& thread = thread_state;
  // The starter's frame is in the parent's journal, which the child has not: its context is kept for good.
  const SpanContext context = thread.forking ? thread.at_fork.context : SpanContext{};
  thread = ThreadState{};
  thread.inherited = {context, nullptr};
}

}  // namespace llmo::span
