// A mutual exclusion lock for rare work inside the host: one word, no allocation, no libc.
//
// Not taken on the hot path, never held while host code or another library's functions run. A forked child
// finds it as it was in the parent, perhaps held by a thread that does not exist any more: the child's first
// step is reset() (span/tracer.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/platform/export.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {

// Signals: a handler that may interrupt the holder must use try_lock().
class Lock {
 public:
  constexpr Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  // Always inline: each place in the code that a forked child comes by costs it more than the whole lock.
  __attribute__((always_inline)) bool try_lock() {
    std::uint32_t free = kFree;
    return word_.compare_exchange_strong(free, kHeld, std::memory_order_acquire, std::memory_order_relaxed);
  }

  __attribute__((always_inline)) void lock() {
    if (!try_lock()) wait();
  }

  // Release pairs with the acquire of whoever takes the lock next.
  __attribute__((always_inline)) void unlock() {
    if (word_.exchange(kFree, std::memory_order_release) == kContended) wake();
  }

  // Only for who is alone, as the one thread of a forked child is.
  __attribute__((always_inline)) bool is_free() const {
    return word_.load(std::memory_order_relaxed) == kFree;
  }

  // Stores where it has to only: in a forked child each page that is stored into is copied first.
  __attribute__((always_inline)) void reset() {
    if (!is_free()) word_.store(kFree, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kFree = 0, kHeld = 1, kContended = 2;

  // A waiter marks the lock as contended, so that only then unlock() makes a system call.
  LLMO_COLD void wait() {
    while (word_.exchange(kContended, std::memory_order_acquire) != kFree) {
      sys::futex(address(), FUTEX_WAIT_PRIVATE, kContended);
    }
  }
  LLMO_COLD void wake() { sys::futex(address(), FUTEX_WAKE_PRIVATE, 1); }

  std::uint32_t* address() { return reinterpret_cast<std::uint32_t*>(&word_); }
  std::atomic<std::uint32_t> word_{kFree};
};

template <typename AnyLock>
class LockGuard {
 public:
  __attribute__((always_inline)) explicit LockGuard(AnyLock& lock) : lock_(lock) { lock_.lock(); }
  __attribute__((always_inline)) ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  AnyLock& lock_;
};

}  // namespace llmo::platform
