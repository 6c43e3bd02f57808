// Code that goes away: another library may come to the same addresses.
//
//   dlclose   decisions about functions of unloaded modules are forgotten   span/function_table.h
#include <dlfcn.h>

#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/function_table.h"

namespace {
constinit llmo::platform::RealFunction<int(void*)> real_dlclose{"dlclose"};
}

extern "C" LLMO_EXPORT int dlclose(void* handle) {
  auto* const close = real_dlclose.get();
  if (close == nullptr) return -1;
  const int result = close(handle);
  llmo::span::forget_unloaded_modules();
  return result;
}
