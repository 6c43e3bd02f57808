#include "shim/platform/part_lock.h"

namespace llmo::platform::detail {

LLMO_AT_FORK constinit std::atomic<std::uint32_t> used_parts{0};

}  // namespace llmo::platform::detail
