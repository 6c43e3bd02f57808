// Locks of parts that a program may never use.
#include "shim/platform/part_lock.h"

#include <catch2/catch.hpp>

namespace platform = llmo::platform;

TEST_CASE("a part counts as used from the first time that one of its locks is taken", "[lock]") {
  constexpr auto kPart = static_cast<platform::Part>(1U << 30);
  constexpr auto kOther = static_cast<platform::Part>(1U << 31);
  platform::PartLock<kPart> lock;
  CHECK_FALSE(platform::is_used(kPart));
  {
    const platform::LockGuard guard(lock);
    CHECK(platform::is_used(kPart));
    CHECK_FALSE(lock.is_free());
  }
  CHECK(lock.is_free());
  CHECK(platform::is_used(kPart));
  CHECK_FALSE(platform::is_used(kOther));
}
