#include "shim/span/cpp_runtime.h"

#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "shim/platform/exports.h"
#include "shim/platform/frame_rule.h"
#include "shim/platform/loaded_module.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/real_function.h"

namespace llmo::span {

namespace {

// Itanium C++ ABI, Exception Handling, 2.2.2.
struct Globals {
  const std::byte* caught_exceptions;
  std::uint32_t uncaught_exceptions;
};
using GlobalsFunction = Globals*();

constinit std::atomic<GlobalsFunction*> globals_function{nullptr};

int match_globals(dl_phdr_info* info, std::size_t, void* context) {
  const void* const found = platform::Exports(platform::LoadedModule(*info)).function("__cxa_get_globals");
  if (found == nullptr) return 0;
  *static_cast<const void**>(context) = found;
  return 1;
}

// By reading the modules' symbols: the loader could be in the middle of something that waits for this thread.
GlobalsFunction* find_globals() {
  GlobalsFunction* known = globals_function.load(std::memory_order_relaxed);  // the pointer is all there is
  // A runtime that came with a plug-in may have gone with it, on a thread that has not told yet.
  if (known != nullptr && platform::module_of(reinterpret_cast<const void*>(known)) != nullptr) return known;
  const void* found = nullptr;
  platform::walk_modules(match_globals, &found);
  known = reinterpret_cast<GlobalsFunction*>(const_cast<void*>(found));
  globals_function.store(known, std::memory_order_relaxed);
  return known;
}

struct TerminateSearch {
  std::span<const std::uintptr_t> return_addresses;
  bool found = false;
};

int match_terminate(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<TerminateSearch*>(context);
  const void* const terminate = platform::Exports(platform::LoadedModule(*info)).function("_ZSt9terminatev");
  if (terminate == nullptr) return 0;
  search.found = std::any_of(
      search.return_addresses.begin(), search.return_addresses.end(), [terminate](std::uintptr_t address) {
        return platform::function_start(address - 1) == reinterpret_cast<std::uintptr_t>(terminate);
      });
  return search.found ? 1 : 0;
}

}  // namespace

std::optional<std::uint32_t> uncaught_count() {
  GlobalsFunction* const globals = find_globals();
  if (globals == nullptr) return std::nullopt;
  return globals()->uncaught_exceptions;
}

// The runtime's own header begins so far before the unwinder's: libstdc++'s, and libc++abi's, which has two
// words more.
bool is_last_caught(const _Unwind_Exception* exception) {
  constexpr std::ptrdiff_t kGnuHeader = 80;
  constexpr std::ptrdiff_t kLlvmHeader = 96;
  GlobalsFunction* const globals = find_globals();
  if (globals == nullptr) return false;
  const std::byte* const caught = globals()->caught_exceptions;
  if (caught == nullptr) return false;
  const auto* const wanted = reinterpret_cast<const std::byte*>(exception);
  return caught + kGnuHeader == wanted || caught + kLlvmHeader == wanted;
}

void forget_cpp_runtime() { globals_function.store(nullptr, std::memory_order_relaxed); }

bool is_in_terminate(std::span<const std::uintptr_t> return_addresses) {
  TerminateSearch search{return_addresses};
  platform::walk_modules(match_terminate, &search);
  return search.found;
}

}  // namespace llmo::span
