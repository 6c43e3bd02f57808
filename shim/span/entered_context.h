// Work that is done elsewhere than where it was asked for: on a pool's thread, in an event loop.
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::span {

// While it lives, what opens on the calling thread has `place` as parent: where the work was asked for, as
// current_position() told it there (span/current.h). An empty place makes roots, so that a pool's thread
// inherits nothing from whoever made it. Does nothing where nothing is recorded.
//
// Ends in whichever way its frame is left: return, exception, the thread's end; a jump over it ends it by its
// stack address. Keeps errno. Signals: safe.
class EnteredContext {
 public:
  // `stack_address` is that of the function that does the work for its caller: LLMO_STACK_ADDRESS().
  EnteredContext(const Inheritance& place, Address stack_address);
  ~EnteredContext();
  EnteredContext(const EnteredContext&) = delete;
  EnteredContext& operator=(const EnteredContext&) = delete;

 private:
  const bool is_entered_;
};

}  // namespace llmo::span
