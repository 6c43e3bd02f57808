#include "shim/pools/library_threads.h"

#include <link.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "shim/platform/real_function.h"
#include "shim/platform/syscalls.h"

namespace llmo::pools {

namespace sys = platform::sys;

namespace {

// By the beginnings of their file names.
constexpr const char* kLibraries[] = {"libuv.so", "libtbb.so", "libgomp.so", "libomp.so"};
constexpr const char* kGlib[] = {"libglib-2.0.so", "libgio-2.0.so"};

bool begins_with(const char* name, const char* beginning) {
  return std::strncmp(name, beginning, std::strlen(beginning)) == 0;
}

// The file name of the module that the function is in; empty for the program's own.
const char* file_of(const void* function) {
  const auto* const module = static_cast<const link_map*>(platform::module_of(function));
  if (module == nullptr || module->l_name == nullptr) return "";
  const char* const slash = std::strrchr(module->l_name, '/');
  return slash == nullptr ? module->l_name : slash + 1;
}

template <std::size_t kCount>
bool is_in_one_of(const char* const (&libraries)[kCount], const void* function) {
  const char* const file = file_of(function);
  for (const char* const library : libraries) {
    if (begins_with(file, library)) return true;
  }
  return false;
}

// Whether there is a word to be read at `address`: the kernel takes a set of signals over before it finds
// that it is not told what to do with them (rt_sigprocmask(2)). Changes nothing.
// Not for nullptr, which is no set.
bool is_readable(const void* address) {
  constexpr long kNoSuchWay = -1;
  const long result =
      sys::call(SYS_rt_sigprocmask, kNoSuchWay, sys::as_long(address), 0, sizeof(std::uint64_t));
  return result != -EFAULT;
}

}  // namespace

// All threads of GLib begin in one function of its own. What each is made for stands first in a GThread
// (glib/deprecated/gthread.h). A program may begin one in another function of GLib's, with a number for an
// argument.
bool is_library_thread(const void* body, const void* argument) {
  if (is_in_one_of(kLibraries, body)) return true;
  if (!is_in_one_of(kGlib, body) || argument == nullptr || !is_readable(argument)) return false;
  return is_in_one_of(kGlib, *static_cast<const void* const*>(argument));
}

}  // namespace llmo::pools
