// What the host may use, so that the library stays far below it.
#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "shim/platform/syscalls.h"

namespace llmo::platform {

// The soft limit of `resource` (getrlimit(2)); UINT64_MAX where there is none or it is not known.
inline std::uint64_t resource_limit(int resource) {
  struct {
    std::uint64_t soft;
    std::uint64_t hard;
  } limit{UINT64_MAX, UINT64_MAX};  // the kernel's layout of rlimit64; RLIM64_INFINITY is all ones
  sys::call(SYS_prlimit64, 0, resource, 0, sys::as_long(&limit));
  return limit.soft;
}

}  // namespace llmo::platform
