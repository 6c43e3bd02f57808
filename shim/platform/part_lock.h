// Locks of parts of the library that most programs never use.
//
// A forked child frees what a thread of its parent may have held, and pays for each page that it looks at. So
// which parts were used at all is known in one place, and those that were not are left alone.
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/platform/export.h"
#include "shim/platform/lock.h"

namespace llmo::platform {

// Bits.
enum class Part : std::uint32_t { kHttp = 1, kAmqp = 2, kKafka = 4, kTbb = 8, kGlib = 16, kUv = 32 };

namespace detail {
extern constinit std::atomic<std::uint32_t> used_parts;
}

// Whether a lock of the part was taken here, or in a process that this one was forked from.
inline bool is_used(Part part) {
  return (detail::used_parts.load(std::memory_order_relaxed) & static_cast<std::uint32_t>(part)) != 0;
}

template <Part kPart>
class PartLock : public Lock {
 public:
  void lock() {
    // Before the lock is held: whoever forks meanwhile sees the one where he sees the other.
    if (!is_used(kPart)) detail::used_parts.fetch_or(static_cast<std::uint32_t>(kPart));
    Lock::lock();
  }

 private:
  using Lock::try_lock;
};

}  // namespace llmo::platform
