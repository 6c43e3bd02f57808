// Address space that becomes memory page by page, as it is used.
#pragma once

#include <cstddef>

#include "shim/platform/syscalls.h"

namespace llmo::platform {

// As mmap(2) with read and write access; nullptr on failure. A host that has locked its memory
// (mlockall(MCL_FUTURE)) would have every page of it made at once: so it is mapped without access first,
// which makes none, unlocked, and opened then.
inline void* map_sparse(std::size_t size, int flags, int fd = -1) {
  void* const memory = sys::mmap(nullptr, size, PROT_NONE, flags | MAP_NORESERVE, fd, 0);
  if (memory == nullptr) return nullptr;
  sys::call(SYS_munlock, sys::as_long(memory), static_cast<long>(size));
  if (sys::call(SYS_mprotect, sys::as_long(memory), static_cast<long>(size), PROT_READ | PROT_WRITE) == 0) {
    return memory;
  }
  sys::munmap(memory, size);
  return nullptr;
}

}  // namespace llmo::platform
