// The workflow that the calling thread is in, for code that asks: its ids, its name, what is to be said of
// it.
#pragma once

#include <optional>
#include <string>

#include "shim/span/by_hand.h"
#include "shim/span/current.h"

namespace llmo::span::by_hand {

struct Workflow {
  SpanContext context;
  std::string name;  // of the span; empty where it has ended, or is another process's
};

// Nothing where the thread is in no workflow. For both: `stack_address` is the hook's, errno is kept, signals
// are safe.
std::optional<Workflow> current_workflow(Address stack_address);

// Changes the innermost span that is open on this thread, but not one that it is merely below. False where
// there is none, or no room.
bool change_current(const Change& change, Address stack_address);

}  // namespace llmo::span::by_hand
