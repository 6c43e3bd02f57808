// What there is to say of an open call beyond that it is one: attributes, events, a status. Few calls have
// any, so they stand beside the stack and not in its frames.
#pragma once

#include "shim/journal/span_draft.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// One of a stack's list, the innermost call's first.
struct CallFacts {
  const Frame* frame = nullptr;
  CallFacts* next = nullptr;
  journal::SpanDraft draft;
};

// The draft that goes into the record of `frame`, an open call of `stack`; made where there is none. nullptr
// where there is no memory. Good until the call closes. In a SlowSection.
journal::SpanDraft* facts_of(StackState& stack, Frame& frame);

// Takes them off the list; nullptr where the call has none. The caller deletes them.
CallFacts* take_facts(StackState& stack, const Frame& frame);

// Deletes all. In a SlowSection.
void drop_facts(StackState& stack);

}  // namespace llmo::span
