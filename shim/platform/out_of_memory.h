// What is left undone where there is no memory for it.
#pragma once

#include <new>

namespace llmo::platform {

// Does `work`; false where memory ran out on the way. For work of ours alone: what the host's own code throws
// has to pass.
template <typename Work>
bool had_memory_for(const Work& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace llmo::platform
