// Finding the function that a call would have reached without us.
//
// libllmobserve.so stands in front of functions of other libraries, so `dlsym(RTLD_NEXT, …)` looks like the
// way to what is behind it. It is for libc, which exists once and stays. It is not for a library that may be
// in the process twice (libcurl with OpenSSL and with GnuTLS, each with its own symbol versions), may be
// hidden by RTLD_LOCAL behind an extension module, or may be unloaded and loaded again: there the right
// function depends on who calls.
//
//   caller's return address → its module → the version that module asks for → the loader's own search order:
//   the program and its libraries first, then the module's own; the other way round for RTLD_DEEPBIND
//
// Asking the loader takes its lock, and dlopen() holds that while constructors run. One that starts a thread
// and waits for it would wait for ever if the thread had to ask: so whatever a hook needs is found when this
// library is loaded, or by reading the modules' symbol tables, and the loader is asked where that leaves a
// question.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "shim/platform/exports.h"

namespace llmo::platform {

// The next definition of `name` behind this library in the program's own search order; nullptr where there is
// none. Leaves nothing for dlerror(). Threads: any. Signals: not safe.
void* next_function(const char* name);

// What a hook returns for a function of libc that there is none of, where errors are -1 and an errno.
inline int fail_as_missing() {
  errno = ENOSYS;
  return -1;
}

// A function of libc: found at its first use, then kept for good. Constant-initialised, for static storage.
// get() returns nullptr where the program has no such function. Threads: any. The first use asks the loader:
// what is no business of the loader's itself is used for the first time when this library is loaded
// (hooks/library.cpp).
template <typename Function>
class RealFunction {
 public:
  explicit constexpr RealFunction(const char* name) : name_(name) {}

  Function* get() {
    // Relaxed: the pointer is all there is, and every thread finds the same one.
    void* found = found_.load(std::memory_order_relaxed);
    if (found == nullptr) [[unlikely]] {
      found = next_function(name_);
      found_.store(found, std::memory_order_relaxed);
    }
    return reinterpret_cast<Function*>(found);
  }

 private:
  const char* const name_;
  std::atomic<void*> found_{nullptr};
};

// The module (program or library) whose mapping holds `address`: a name for it that is good for comparing,
// until modules_unloaded() changes. nullptr where no module does. No lock, no system call. Signals: safe.
const void* module_of(const void* address);

// How many modules have been unloaded so far. While it stays the same, what was found out about a module
// holds.
std::uint64_t modules_unloaded();

// The one loaded library that a call of `name` from `caller` can have meant: no other has it in the version
// that the caller's module asks for. Nothing where there are several, or none: then the loader must be asked.
// What is still being loaded does not count, nor does this library. Call it inside while_modules_stay(),
// where the answer is good. Takes no lock of the loader's but that of its list.
std::optional<Exports> only_definer(const void* caller, const char* name);

// A loaded module that stays loaded while this object lives. Move is not needed, copying not possible.
class Module {
 public:
  // The module that holds `address`. is_open() is false where there is none or where it cannot be opened.
  explicit Module(const void* address);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  bool is_open() const { return handle_ != nullptr; }

  // `name` as defined by the module or by what it links; nullptr where there is none. Never a function of
  // this library, which would call itself.
  void* function(const char* name) const;

 private:
  void* handle_ = nullptr;
};

// The function `name` that a call from `caller` (a return address) would have reached without us: where the
// caller's module imports such functions, in the loader's search order and in the version that it asks for;
// else as the module sees it, then as the program does, then (a plug-in that was not linked with what it
// uses) from any loaded library whose file name begins with `library`. nullptr where there is none. Costs
// microseconds: keep the answer by module_of(caller) and modules_unloaded().
void* function_behind(const void* caller, const char* name, const char* library);

}  // namespace llmo::platform
