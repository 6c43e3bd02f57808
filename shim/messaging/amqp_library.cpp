#include "shim/messaging/amqp_library.h"

#include <atomic>
#include <cstdint>
#include <string_view>

#include "shim/platform/loaded_module.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/real_function.h"

namespace llmo::messaging::amqp {
namespace {

// Modules that were asked for last, as platform::module_of() names them.
constinit std::atomic<const void*> g_known{nullptr};
constinit std::atomic<const void*> g_unknown{nullptr};

bool has_known_name(std::string_view soname) {
  constexpr std::string_view kVersion = ".so.4";
  const std::size_t at = soname.find(kVersion);
  if (!soname.starts_with("librabbitmq") || at == std::string_view::npos) return false;
  const std::string_view rest = soname.substr(at + kVersion.size());
  return rest.empty() || rest.front() == '.';
}

struct Search {
  std::uintptr_t address;
  bool is_known;
};

int look_at(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<Search*>(context);
  const platform::LoadedModule module(*info);
  if (!module.holds(search.address)) return 0;
  search.is_known = has_known_name(module.name());
  return 1;
}

}  // namespace

// Relaxed: each of the two is a whole answer.
bool is_known_library(const void* function) {
  const void* const module = platform::module_of(function);
  if (module == nullptr) return false;
  if (g_known.load(std::memory_order_relaxed) == module) return true;
  if (g_unknown.load(std::memory_order_relaxed) == module) return false;
  Search search{reinterpret_cast<std::uintptr_t>(function), false};
  platform::walk_modules(look_at, &search);
  (search.is_known ? g_known : g_unknown).store(module, std::memory_order_relaxed);
  return search.is_known;
}

}  // namespace llmo::messaging::amqp
