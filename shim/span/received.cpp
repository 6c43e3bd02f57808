#include "shim/span/received.h"

#include "shim/span/call_facts.h"
#include "shim/span/stack_segments.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace {

// In one step: a signal handler that asks for messages of its own finds the links, or finds none.
std::unique_ptr<journal::SpanDraft> take(StackState& stack) {
  journal::SpanDraft* const none = nullptr;
  return std::unique_ptr<journal::SpanDraft>(__atomic_exchange_n(&stack.received, none, __ATOMIC_RELAXED));
}

}  // namespace

void keep_received(ThreadState& thread, std::unique_ptr<journal::SpanDraft> links) {
  forget_received(thread.stack);
  if (links == nullptr || links->attributes().empty()) return;
  thread.stack.received = links.release();
  watch_thread_end();  // a thread without a trace of its own has no other reason to
  wait_for_handler(thread);
}

void forget_received(StackState& stack) { take(stack); }

void give_received(ThreadState& thread, Frame& call) {
  const auto links = take(thread.stack);
  if (links == nullptr) return;
  if (journal::SpanDraft* const facts = facts_of(thread.stack, call)) facts->add_encoded(links->attributes());
}

void give_received(ThreadState& thread, journal::SpanDraft& span) {
  if (const auto links = take(thread.stack)) span.add_encoded(links->attributes());
}

void wait_for_handler(ThreadState& thread) {
  if (thread.stack.received != nullptr) hold_stack(thread.stack);
}

}  // namespace llmo::span
