#include "shim/platform/deep_bound.h"

#include <array>
#include <atomic>

#include "shim/platform/real_function.h"

namespace llmo::platform {
namespace {

// Relaxed throughout: whoever calls from such a module has learned of it after dlopen() returned, and an
// entry says all by itself.
using Entry = std::atomic<const Elf64_Dyn*>;
constinit std::array<Entry, 256> g_modules{};

const link_map* link_map_of(const void* address) { return static_cast<const link_map*>(module_of(address)); }

bool is_loaded(const Elf64_Dyn* dynamic) {
  const link_map* const module = link_map_of(dynamic);
  return module != nullptr && module->l_ld == dynamic;
}

bool take_place(Entry& entry, const Elf64_Dyn* dynamic) {
  const Elf64_Dyn* before = entry.load(std::memory_order_relaxed);
  if (before != nullptr && before != dynamic && is_loaded(before)) return false;
  return entry.compare_exchange_strong(before, dynamic, std::memory_order_relaxed);
}

}  // namespace

void note_deep_bound(const Elf64_Dyn* dynamic) {
  for (Entry& entry : g_modules) {
    if (take_place(entry, dynamic)) return;
  }
}

bool is_deep_bound(const void* address) {
  const link_map* const module = link_map_of(address);
  if (module == nullptr) return false;
  for (const Entry& entry : g_modules) {
    const Elf64_Dyn* const dynamic = entry.load(std::memory_order_relaxed);
    if (dynamic == nullptr) return false;
    if (dynamic == module->l_ld) return true;
  }
  return false;
}

}  // namespace llmo::platform
