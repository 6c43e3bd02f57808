#include "shim/span/by_hand_current.h"

#include <new>

#include "shim/platform/errno_saver.h"
#include "shim/platform/out_of_memory.h"
#include "shim/platform/signal_block.h"
#include "shim/span/by_hand_names.h"
#include "shim/span/call_facts.h"
#include "shim/span/coroutine_slice.h"
#include "shim/span/stack_frames.h"
#include "shim/span/tracer.h"

namespace llmo::span::by_hand {

namespace {

// The frame may be another thread's, who goes on while this looks: what was read counts only if the span is
// still open there afterwards.
std::string name_of_home(const Inheritance& position) {
  const Frame* const home = position.starter;
  if (home == nullptr || !position.starter_is_open()) return {};
  const bool in_block = is_block(*home);
  const Block block = __atomic_load_n(&home->call_site, __ATOMIC_RELAXED);
  const std::uint32_t function = __atomic_load_n(&home->function, __ATOMIC_RELAXED);
  if (!position.starter_is_open()) return {};
  if (in_block) return name_of(block);
  const std::string defined = defined_function_name(function);
  return defined.empty() ? defined : span_name(defined);
}

// False where there is no memory.
bool change_facts(journal::SpanDraft* facts, const Change& change) {
  if (facts == nullptr) return false;
  const std::size_t dropped = facts->dropped();
  change.apply(*facts);
  return facts->dropped() == dropped;
}

bool change_call(Frame& call, const Change& change) {
  const SlowSection section(thread_state);
  return change_facts(facts_of(thread_state.stack, call), change);
}

// The span of a coroutine that its parent made is the parent's.
bool change_coroutine(const Frame& scope, const Change& change) {
  Coroutine* const coroutine = reinterpret_cast<const Slice*>(scope.call_site)->coroutine;
  if (coroutine == nullptr || coroutine->process != process_id()) return false;
  const SlowSection section(thread_state);
  const platform::LockGuard guard(coroutine_lock(coroutine->frame));
  if (coroutine->ended) return false;
  if (coroutine->facts == nullptr) coroutine->facts = new (std::nothrow) CallFacts;
  return change_facts(coroutine->facts != nullptr ? &coroutine->facts->draft : nullptr, change);
}

// A block that has ended passes on what is below it.
Frame* innermost_open() {
  const StackState& stack = thread_state.stack;
  Frame* frame = stack.overflow == 0 ? top_recorded(stack) : recorded_at(stack.overflow_top - 1);
  while (frame != nullptr && is_block(*frame) && has_ended(frame->call_site)) frame = recorded_at(frame - 1);
  return frame;
}

bool change_innermost(const Change& how) {
  Frame* const frame = innermost_open();
  if (frame == nullptr) return false;
  if (is_call(*frame)) return change_call(*frame, how);
  if (scope_kind(*frame) == ScopeKind::kCoroutine) return change_coroutine(*frame, how);
  return is_block(*frame) && change(frame->call_site, how);
}

}  // namespace

std::optional<Workflow> current_workflow(Address stack_address) {
  if (!recording()) return std::nullopt;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  const Inheritance position = current_position(stack_address);
  if (position.context.empty()) return std::nullopt;
  Workflow workflow{position.context, {}};
  platform::had_memory_for([&] { workflow.name = name_of_home(position); });
  return workflow;
}

bool change_current(const Change& change, Address stack_address) {
  if (!recording() || thread_state.busy) return false;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  static_cast<void>(current_context(stack_address));  // closes what is dead
  bool changed = false;
  platform::had_memory_for([&] { changed = change_innermost(change); });
  return changed;
}

}  // namespace llmo::span::by_hand
