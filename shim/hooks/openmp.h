// What the hooks of OpenMP share: those of gcc's regions, of its tasks, and the tool of LLVM's library.
#pragma once

#include "shim/platform/call_site.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::hooks::openmp {

// LLVM's library tells tools what its threads do (OMPT); gcc's does not. True for a function of a library
// that tells us of its regions and tasks. Threads: any.
bool is_told_of(const void* function);

// As gcc's compilers and its library speak of a program's code (gcc, libgomp/libgomp_g.h).
using Body = void (*)(void*);
using Flags = unsigned;

// The file name of that library begins so.
inline constexpr const char* kLibrary = "libgomp.so";

// Whether what is handed to the library's function `real` gets one of ours before it.
template <typename Function>
bool is_to_be_carried(Function* real) {
  return span::recording() && !is_told_of(reinterpret_cast<const void*>(real));
}

inline span::Inheritance position_of(const platform::CallSite& site) {
  const platform::ErrnoSaver keep;
  return span::current_position(site.stack_address);
}

}  // namespace llmo::hooks::openmp
