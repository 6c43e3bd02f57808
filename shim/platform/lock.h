// A mutual exclusion lock for rare work inside the host: one word, no allocation, no libc.
//
// Not taken on the hot path, never held while host code or another library's functions run. A forked child
// finds it as it was in the parent, perhaps held by a thread that does not exist any more: the child's first
// step is reset() (span/tracer.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/platform/syscalls.h"

namespace llmo::platform {

// Signals: a handler that may interrupt the holder must use try_lock().
class Lock {
 public:
  constexpr Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  bool try_lock() {
    std::uint32_t free = kFree;
    return word_.compare_exchange_strong(free, kHeld, std::memory_order_acquire, std::memory_order_relaxed);
  }

  void lock() {
    if (try_lock()) return;
    // A waiter marks the lock as contended, so that only then unlock() makes a system call.
    while (word_.exchange(kContended, std::memory_order_acquire) != kFree) {
      sys::futex(address(), FUTEX_WAIT_PRIVATE, kContended);
    }
  }

  // Release pairs with the acquire of whoever takes the lock next.
  void unlock() {
    if (word_.exchange(kFree, std::memory_order_release) == kContended) {
      sys::futex(address(), FUTEX_WAKE_PRIVATE, 1);
    }
  }

  // Stores where it has to only: in a forked child each page that is stored into is copied first.
  void reset() {
    if (word_.load(std::memory_order_relaxed) != kFree) word_.store(kFree, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kFree = 0, kHeld = 1, kContended = 2;
  std::uint32_t* address() { return reinterpret_cast<std::uint32_t*>(&word_); }
  std::atomic<std::uint32_t> word_{kFree};
};

class LockGuard {
 public:
  explicit LockGuard(Lock& lock) : lock_(lock) { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace llmo::platform
