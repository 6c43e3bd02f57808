// Where a hook was called from.
#pragma once

#include <cstdint>

#include "shim/platform/export.h"

namespace llmo::platform {

struct CallSite {
  const void* return_address;    // which library is meant depends on the module that it is in
  std::uintptr_t stack_address;  // of open function calls those strictly below it are gone
};

}  // namespace llmo::platform

// Of the hook that it stands in: a macro, as both builtins speak of the function around them.
#define LLMO_CALL_SITE \
  llmo::platform::CallSite { __builtin_return_address(0), LLMO_STACK_ADDRESS() }
