#include "shim/platform/caller_function.h"

#include <optional>

#include "shim/platform/errno_saver.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/out_of_memory.h"
#include "shim/platform/real_function.h"

namespace llmo::platform {
namespace {

// Changes when modules may begin to go, and when they have gone.
constinit std::atomic<std::uint64_t> unloads{0};
constinit std::atomic<std::uint32_t> unloads_under_way{0};

// Without a question to the loader, whose lock may be held by who waits for us.
void* find_alone(const void* caller, const char* name) {
  const void* found = nullptr;
  while_modules_stay([&] {
    const std::optional<Exports> library = only_definer(caller, name);
    if (library) found = library->function(name);
  });
  return const_cast<void*>(found);
}

void* find(const void* caller, const char* name, const char* library) {
  const ErrnoSaver keep;
  void* found = nullptr;
  had_memory_for([&] {
    found = find_alone(caller, name);
    if (found == nullptr) found = function_behind(caller, name, library);
  });
  return found;
}

}  // namespace

void* CallerFunctionCache::get(const void* caller) {
  // Acquire: who sees that modules have gone sees what became of them.
  const Key key{module_of(caller), unloads.load(std::memory_order_acquire)};
  if (void* const kept = find_kept(key)) return kept;
  void* const found = find(caller, name_, library_);
  if (found != nullptr && unloads_under_way.load(std::memory_order_acquire) == 0) keep(key, found);
  return found;
}

// The acquires keep each load behind the one before; the releases in keep() are their counterparts.
void* CallerFunctionCache::find_kept(Key key) const {
  for (const Entry& entry : entries_) {
    const std::uint32_t version = entry.version.load(std::memory_order_acquire);
    if (version == 0 || version % 2 != 0) continue;
    const void* const module = entry.module.load(std::memory_order_acquire);
    const std::uint64_t kept_at = entry.unloads.load(std::memory_order_acquire);
    void* const function = entry.function.load(std::memory_order_acquire);
    if (entry.version.load(std::memory_order_relaxed) != version) continue;
    if (module == key.module && kept_at == key.unloads) return function;
  }
  return nullptr;
}

// Where another thread keeps something at this moment, nothing is: the next call will do. So a forked child
// that finds it changing for ever is slow, not stuck.
void CallerFunctionCache::keep(Key key, void* function) {
  if (is_changing_.exchange(true, std::memory_order_acquire)) return;
  Entry& entry = entries_[next_++ % kEntries];
  const std::uint32_t version = entry.version.load(std::memory_order_relaxed);
  entry.version.store(version + 1, std::memory_order_relaxed);
  entry.module.store(key.module, std::memory_order_release);
  entry.unloads.store(key.unloads, std::memory_order_release);
  entry.function.store(function, std::memory_order_release);
  entry.version.store(version + 2, std::memory_order_release);
  is_changing_.store(false, std::memory_order_release);
}

// Counted at both ends: what was found while a module went may be of that module.
ModulesMayGo::ModulesMayGo() {
  unloads_under_way.fetch_add(1, std::memory_order_acq_rel);
  unloads.fetch_add(1, std::memory_order_acq_rel);
}

ModulesMayGo::~ModulesMayGo() {
  unloads.fetch_add(1, std::memory_order_acq_rel);
  unloads_under_way.fetch_sub(1, std::memory_order_acq_rel);
}

}  // namespace llmo::platform
