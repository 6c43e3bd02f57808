// Where the calling thread is in its trace, as a program that it is about to start is told.
//
// Also while recording is paused (tracer.h): what is open is still where the thread is.
// LLMOBSERVE_TAG_REQUESTS is about other machines, and has no say here.
#pragma once

#include "shim/span/child_environment.h"
#include "shim/span/context.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// After recording(). Keeps errno. Signals and children of vfork(): safe.
class ChildPlace {
 public:
  // `stack_address`: as for current_context().
  explicit ChildPlace(Address stack_address);
  ChildPlace(const ChildPlace&) = delete;
  ChildPlace& operator=(const ChildPlace&) = delete;

  const ChildFacts& facts() const { return facts_; }

 private:
  Traceparent traceparent_{};
  ChildFacts facts_;
};

// Whose array `given` is, which may be nullptr.
ArrayKind array_kind(const char* const* given);

}  // namespace llmo::span
