// Keeps every signal away from the calling thread for a short stretch of rare work.
//
// A handler that came in between might jump out of it (siglongjmp) or be followed by a cancellation, and a
// lock or a half-done change of ours would stay behind for good. The mask is put back as it was; signals that
// came meanwhile are delivered then. Two system calls.
#pragma once

#include <signal.h>

#include <cstdint>

#include "shim/platform/syscalls.h"

namespace llmo::platform {

// By the system call itself: libc keeps the signals of cancellation and setuid() out of its own masks.
class SignalBlock {
 public:
  SignalBlock() {
    const std::uint64_t all = ~std::uint64_t{0};
    sys::call(SYS_rt_sigprocmask, SIG_SETMASK, sys::as_long(&all), sys::as_long(&before_), sizeof all);
  }
  ~SignalBlock() { sys::call(SYS_rt_sigprocmask, SIG_SETMASK, sys::as_long(&before_), 0, sizeof before_); }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  std::uint64_t before_ = 0;
};

}  // namespace llmo::platform
