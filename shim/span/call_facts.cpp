#include "shim/span/call_facts.h"

#include <new>
#include <utility>

namespace llmo::span {

journal::SpanDraft* facts_of(StackState& stack, Frame& frame) {
  for (CallFacts* facts = stack.facts; facts != nullptr; facts = facts->next) {
    if (facts->frame == &frame) return &facts->draft;
  }
  auto* const made = new (std::nothrow) CallFacts;
  if (made == nullptr) return nullptr;
  made->frame = &frame;
  made->next = std::exchange(stack.facts, made);
  set_flag(frame, journal::kFlagLook);
  return &made->draft;
}

CallFacts* take_facts(StackState& stack, const Frame& frame) {
  for (CallFacts** place = &stack.facts; *place != nullptr; place = &(*place)->next) {
    if ((*place)->frame == &frame) return std::exchange(*place, (*place)->next);
  }
  return nullptr;
}

void drop_facts(StackState& stack) {
  while (CallFacts* const first = stack.facts) {
    stack.facts = first->next;
    delete first;
  }
}

}  // namespace llmo::span
