#include "shim/span/by_hand.h"

#include <atomic>
#include <unordered_map>
#include <utility>

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/out_of_memory.h"
#include "shim/platform/signal_block.h"
#include "shim/span/by_hand_names.h"
#include "shim/span/current.h"
#include "shim/span/detached_span.h"
#include "shim/span/exceptions.h"
#include "shim/span/received.h"
#include "shim/span/scope.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_frames.h"
#include "shim/span/tracer.h"

namespace llmo::span::by_hand {

using journal::EndKind;

namespace {

struct OpenBlock {
  DetachedSpan span;         // not open: an entered context, or a block that has ended
  std::string name;          // of the span
  Frame* frame = nullptr;    // its scope; readable as long as the block stands in the table
  std::uint64_t around = 0;  // the span that what opens in the scope has as parent once the block has ended
  bool ended = false;
};

using Table = std::unordered_map<Block, OpenBlock>;

LLMO_AT_FORK constinit platform::Lock lock;  // guards the table; taken before the heap's
LLMO_AT_FORK constinit Table* table = nullptr;
constinit std::atomic<Block> last_block{0};

OpenBlock* find(Block block) {
  if (table == nullptr) return nullptr;
  const auto found = table->find(block);
  return found != table->end() ? &found->second : nullptr;
}

// False where there is no memory.
bool add(Block block, DetachedSpan& span, std::string& name, std::uint64_t around) {
  return platform::had_memory_for([&] {
    const platform::LockGuard guard(lock);
    if (table == nullptr) table = new Table;
    OpenBlock& added = (*table)[block];
    added.span = std::move(span);
    added.name = std::move(name);
    added.around = around;
  });
}

void set_frame(Block block, Frame* frame) {
  const platform::LockGuard guard(lock);
  if (OpenBlock* const open = find(block)) open->frame = frame;
}

DetachedSpan remove(Block block) {
  const platform::LockGuard guard(lock);
  OpenBlock* const open = find(block);
  if (open == nullptr) return {};
  DetachedSpan span = std::move(open->span);
  table->erase(block);
  return span;
}

// Where begin() and its kin may do anything at all.
bool may_act() { return recording() && !thread_state.busy; }

// The block whose scope is the innermost thing on the thread's stack; 0: none.
Block innermost() {
  const StackState& stack = thread_state.stack;
  const Frame* const frame = stack.overflow == 0 ? top_call(stack) : nullptr;
  return frame != nullptr && is_block(*frame) ? frame->call_site : 0;
}

// `frame` is that of the function which the block stands in and does not outlive. Without one it is free
// (stack_frames.h): it may have been begun by a function that has returned. Returns the scope's frame.
Frame* enter_scope_of(const Scope& scope, Address frame, Address stack_address) {
  if (!enter_scope(scope, stack_address)) return nullptr;
  Frame* const entered = thread_state.stack.top - 1;
  entered->stack_address = frame != 0 ? frame : entered[-1].stack_address;
  entered->start_ticks = frame;
  return entered;
}

// Takes off the scopes of blocks that ended while something was open above them.
void leave_ended() {
  for (Block block = innermost(); block != 0 && has_ended(block); block = innermost()) {
    leave_scope(ScopeKind::kByHand, block, EndKind::kUnwound);
    remove(block);
  }
}

// Takes the span out of a block, whose scope stays as long as it has to.
//
// Only the thread of a stack may take a frame off it. Another one may change the id under which spans open
// there, as a scope that goes is told of (was_left()) before its slot can be used again, and that waits for
// the lock. Atomic, as that thread may be reading it; the trace stays what it is, and is not read where the
// id is 0.
DetachedSpan end_span(Block block, bool is_innermost) {
  const platform::LockGuard guard(lock);
  OpenBlock* const open = find(block);
  if (open == nullptr || open->ended) return {};
  open->ended = true;
  if (!is_innermost && open->frame != nullptr) {
    __atomic_store_n(&open->frame->span_id, open->around, __ATOMIC_RELAXED);
  }
  DetachedSpan span = std::move(open->span);
  if (open->frame == nullptr) table->erase(block);
  return span;
}

void describe(const Source& source, std::string_view name, std::string_view function,
              journal::SpanDraft& facts) {
  facts.set_name(name);
  if (!function.empty()) facts.add("code.function.name", function);
  if (!source.file.empty()) facts.add("code.file.path", source.file);
  if (source.line != 0) facts.add_int("code.line.number", source.line);
}

// The span is left by an exception, which may be one that was not seen.
void fail(DetachedSpan& span) {
  const SlowSection section(thread_state);
  if (add_exception_on_its_way(thread_state, span.draft())) return;
  span.draft().set_status(journal::SpanStatus::kError);
}

// The call that is open may be that of the function itself: the same call site, and its name.
bool is_traced_already(const Source& source, std::string_view function) {
  const Frame* const call = innermost_call(thread_state);
  return call != nullptr && call->call_site == source.call_site &&
         is_same_function(defined_function_name(call->function), function);
}

Block open(const Source& source, Address stack_address) {
  const SpanContext parent = current_context(stack_address);
  const std::string function = function_name_of(source.function);
  if (source.is_function && is_traced_already(source, function)) return 0;
  std::string name = span_name(source.name.empty() ? std::string_view(function) : source.name);
  journal::SpanDraft facts;
  describe(source, name, function, facts);
  give_received(thread_state, facts);
  DetachedSpan span = DetachedSpan::open(parent, journal::SpanKind::kInternal, facts);
  if (!span.is_open()) return 0;
  const SpanContext context = span.context();
  const Block block = last_block.fetch_add(1, std::memory_order_relaxed) + 1;
  if (!add(block, span, name, parent.span)) {
    span.discard();
    return 0;
  }
  set_frame(block, enter_scope_of({ScopeKind::kByHand, block, context}, source.frame, stack_address));
  return block;
}

}  // namespace

Block begin(const Source& source, Address stack_address) {
  if (!may_act() || is_paused()) return 0;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  Block block = 0;
  platform::had_memory_for([&] { block = open(source, stack_address); });
  return block;
}

Block enter(const SpanContext& context, const Frame* home, Address frame, Address stack_address) {
  if (!may_act()) return 0;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  const SpanContext around = current_context(stack_address);
  const Block block = last_block.fetch_add(1, std::memory_order_relaxed) + 1;
  DetachedSpan none;
  std::string no_name;
  if (!add(block, none, no_name, around.span)) return 0;
  Frame* const scope = enter_scope_of({ScopeKind::kByHand, block, context, home}, frame, stack_address);
  if (scope == nullptr) {
    remove(block);
    return 0;
  }
  set_frame(block, scope);
  return block;
}

void end(Block block, bool by_exception, Address stack_address) {
  if (!may_act()) return;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  static_cast<void>(current_context(stack_address));  // closes what is dead above it
  const bool is_innermost = innermost() == block;
  DetachedSpan span = end_span(block, is_innermost);
  if (span.is_open() && by_exception) fail(span);
  span.close(by_exception ? EndKind::kException : EndKind::kReturned);
  if (is_innermost) leave_ended();
}

std::string name_of(Block block) {
  const platform::LockGuard guard(lock);
  const OpenBlock* const open = find(block);
  return open != nullptr && !open->ended ? open->name : std::string();
}

bool has_ended(Block block) {
  const platform::LockGuard guard(lock);
  const OpenBlock* const open = find(block);
  return open != nullptr && open->ended;
}

bool change(Block block, const Change& change) {
  const platform::LockGuard guard(lock);
  OpenBlock* const open = find(block);
  if (open == nullptr || !open->span.is_open()) return false;
  const std::size_t dropped = open->span.draft().dropped();
  change.apply(open->span.draft());
  open->span.show();
  return open->span.draft().dropped() == dropped;
}

void was_left(Block block, EndKind end) {
  DetachedSpan span = remove(block);
  if (span.is_open() && end == EndKind::kException) fail(span);
  span.close(end);
}

// What another thread of the parent was doing to the table may be half done: it is left alone.
LLMO_COLD void reset_after_fork() {
  lock.reset();
  if (table != nullptr) table = nullptr;
}

}  // namespace llmo::span::by_hand
