// Starting a program with the environment that it is to get.
#pragma once

#include <cerrno>

#include "shim/span/child_environment.h"
#include "shim/span/child_memory.h"
#include "shim/span/child_place.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

using Arguments = char* const*;

// What fits is written to the stack, as this may be a signal handler, or a child of vfork(). Either may have
// a stack of a few pages only.
inline constexpr std::size_t kMostOnStack = 1024;

// exec returns -1, posix_spawn() the error itself.
inline bool is_too_big(int result) { return result == E2BIG || (result == -1 && errno == E2BIG); }

// Calls `start` with an environment and returns what it does: with `given` where that needs no change, where
// there is no memory, or where the system finds the changed one too big.
template <typename Start>
int start_child(Arguments given, span::Address stack_address, Start start) {
  if (!span::recording()) return start(given);
  const span::ChildPlace place(stack_address);
  const span::ChildEnvironment child(given, span::array_kind(given), span::start_environment(),
                                     place.facts());
  if (!child.differs()) return start(given);
  int result = -1;
  if (const std::size_t size = child.size(); size <= kMostOnStack) {
    result = start(child.write(__builtin_alloca(size)));
  } else {
    const span::ChildMemory memory(size);
    if (memory.get() == nullptr) return start(given);
    result = start(child.write(memory.get()));
  }
  return is_too_big(result) ? start(given) : result;
}

}  // namespace llmo::hooks
