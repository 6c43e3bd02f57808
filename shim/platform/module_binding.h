// Modules that look past a preload.
//
// A module that is loaded with RTLD_DEEPBIND (PHP loads its extensions so) and the libraries that come with
// it take functions from each other and from libc before they look at this library. That must stay so, as
// such a module may bring a zlib of its own; only the functions that this library stands in front of are to
// be ours, as they are in any other module. So the module is loaded as its host asked for, and then the slots
// that hold the addresses of those functions (System V psABI (AMD64) 4.4.1: R_X86_64_JUMP_SLOT, GLOB_DAT, 64)
// are set to our hooks.
//
// A hook takes a function's place only where it would go on to that very function: a module that brings a
// pthread_create() of its own keeps it.
#pragma once

#include <cstdint>
#include <span>

#include "shim/platform/loaded_module.h"

namespace llmo::platform {

// How many modules have been loaded so far. Threads: any.
std::uint64_t modules_loaded();

// One function that slots may be moved to.
struct Hook {
  const char* name;
  const void* hook;
  const void* behind;   // what a slot for `name` holds so far, once it is resolved
  bool asks_who_calls;  // the hook looks up what it goes on to in its caller's module
};

// Sets the slots of `module` for `hooks`. A slot that holds something else than the function behind is left
// alone, so is one that cannot be written. Call it inside dl_iterate_phdr(), which lets in one thread at a
// time: pages are made writable for a moment.
void bind_module(const LoadedModule& module, std::span<const Hook> hooks);

// Binds what a dlopen() with RTLD_DEEPBIND brought in, to the functions that this library exports. `handle`
// is what it returned; `loaded_before` is modules_loaded() before the call. Hooks whose names begin with one
// of `per_caller` ask who calls. Leaves nothing for dlerror(). Threads: any. Signals: not safe.
void bind_to_hooks(void* handle, std::uint64_t loaded_before, std::span<const char* const> per_caller);

// Whether dlopen(`file`) with a return address of `caller` may find another file than it finds when this
// library calls it: for names that are searched for (ld.so(8): RPATH, RUNPATH) and such with $ORIGIN in them.
bool depends_on_caller(const char* file, const void* caller);

}  // namespace llmo::platform
