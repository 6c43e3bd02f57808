#include "shim/span/received.h"

#include <utility>

#include "shim/span/call_facts.h"
#include "shim/span/stack_segments.h"

namespace llmo::span {

namespace {

std::unique_ptr<journal::SpanDraft> take(ThreadState& thread) {
  return std::unique_ptr<journal::SpanDraft>(std::exchange(thread.received, nullptr));
}

}  // namespace

void keep_received(ThreadState& thread, std::unique_ptr<journal::SpanDraft> links) {
  forget_received(thread);
  if (links == nullptr || links->attributes().empty()) return;
  thread.received = links.release();
  wait_for_handler(thread);
}

void forget_received(ThreadState& thread) { take(thread); }

void give_received(ThreadState& thread, Frame& call) {
  const auto links = take(thread);
  if (links == nullptr) return;
  if (journal::SpanDraft* const facts = facts_of(thread.stack, call)) facts->add_encoded(links->attributes());
}

void give_received(ThreadState& thread, journal::SpanDraft& span) {
  if (const auto links = take(thread)) span.add_encoded(links->attributes());
}

void wait_for_handler(ThreadState& thread) {
  if (thread.received != nullptr) hold_stack(thread.stack);
}

}  // namespace llmo::span
