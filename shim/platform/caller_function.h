// Functions of libraries that a program may have once, twice or not at all, and may load and unload.
//
// Which one a call would have reached without us depends on who calls (platform/real_function.h). To find out
// costs microseconds, so the answer is kept for the caller's module, until modules go: dlclose() says when
// that may happen. One that is called past our hook is noticed at the next that is not.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace llmo::platform {

// What CallerFunction keeps, without its type.
class CallerFunctionCache {
 public:
  constexpr CallerFunctionCache(const char* name, const char* library) : name_(name), library_(library) {}

  void* get(const void* caller);

 private:
  // Few modules of a process call one function: the program, a wrapper library, an extension module or two.
  static constexpr std::size_t kEntries = 8;

  struct Key {
    const void* module;
    std::uint64_t unloads;
  };

  // Read without a lock: `version` is odd while the others change, and another one afterwards.
  struct Entry {
    std::atomic<std::uint32_t> version{0};
    std::atomic<const void*> module{nullptr};
    std::atomic<std::uint64_t> unloads{0};
    std::atomic<void*> function{nullptr};
  };

  void* find_kept(Key key) const;
  void keep(Key key, void* function);

  const char* const name_;
  const char* const library_;
  std::atomic<bool> is_changing_{false};
  std::size_t next_ = 0;  // entry to be used; changed by who has set is_changing_
  std::array<Entry, kEntries> entries_{};
};

// The function `name` that a call would have reached without us, of a library whose file name begins with
// `library`. Constant-initialised, for static storage.
//
//     constinit CallerFunction<int(uv_loop_t*)> real_uv_run{"uv_run", "libuv.so"};
//     auto* const run = real_uv_run.get(__builtin_return_address(0));
//
// Threads: any, without a lock where the answer is known. Forks: safe. Signals: as function_behind(), where
// the answer is not known yet.
template <typename Function>
class CallerFunction {
 public:
  constexpr CallerFunction(const char* name, const char* library) : cache_(name, library) {}

  // For a call with the return address `caller`. nullptr where there is no such function: the hook returns
  // the library's own error. Keeps errno, leaves nothing for dlerror().
  Function* get(const void* caller) { return reinterpret_cast<Function*>(cache_.get(caller)); }

 private:
  CallerFunctionCache cache_;
};

// Lives while a dlclose() of the host may unload modules: nothing that was found before counts from then on,
// and nothing is kept. One that a destructor of the host's leaves by longjmp() makes all further calls slow.
class ModulesMayGo {
 public:
  ModulesMayGo();
  ~ModulesMayGo();
  ModulesMayGo(const ModulesMayGo&) = delete;
  ModulesMayGo& operator=(const ModulesMayGo&) = delete;
};

}  // namespace llmo::platform
