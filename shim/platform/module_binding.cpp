#include "shim/platform/module_binding.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "shim/platform/deep_bound.h"
#include "shim/platform/exports.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/real_function.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {
namespace {

constexpr std::uintptr_t kPage = 4096;

// A slot in whole: it is aligned, so no page boundary lies within.
void write_slot(const LoadedModule& module, std::uintptr_t address, const void* function) {
  if (!module.is_writable_segment(address) || address % sizeof(function) != 0) return;
  const bool is_protected = module.is_protected_after_relocation(address);
  void* const page = reinterpret_cast<void*>(address & ~(kPage - 1));
  if (is_protected && sys::mprotect(page, kPage, PROT_READ | PROT_WRITE) != 0) return;
  // Relaxed: other threads may call through the slot already, and both functions are right for them.
  __atomic_store_n(reinterpret_cast<const void**>(address), function, __ATOMIC_RELAXED);
  if (is_protected) sys::mprotect(page, kPage, PROT_READ);
}

const Hook* find_hook(std::span<const Hook> hooks, const char* name) {
  const auto found = std::find_if(hooks.begin(), hooks.end(),
                                  [name](const Hook& hook) { return std::strcmp(hook.name, name) == 0; });
  return found == hooks.end() ? nullptr : &*found;
}

// What a slot may hold: the function behind; one of that name in another library, where the hook will find
// out which; or, before the first call through it, an address in the module's own procedure linkage table.
bool may_move(const LoadedModule& module, const Elf64_Rela& relocation, const Hook& hook) {
  // Relaxed: the loader may be storing into the slot for a first call in another thread.
  const auto held = __atomic_load_n(reinterpret_cast<const std::uintptr_t*>(module.address_of(relocation)),
                                    __ATOMIC_RELAXED);
  if (held == reinterpret_cast<std::uintptr_t>(hook.behind)) return true;
  switch (ELF64_R_TYPE(relocation.r_info)) {
    case R_X86_64_JUMP_SLOT:
      return hook.asks_who_calls || module.holds(held);
    case R_X86_64_GLOB_DAT:
      return hook.asks_who_calls && held != 0;
    default:
      return false;
  }
}

bool is_slot(const Elf64_Rela& relocation) {
  switch (ELF64_R_TYPE(relocation.r_info)) {
    case R_X86_64_JUMP_SLOT:
    case R_X86_64_GLOB_DAT:
      return true;
    case R_X86_64_64:
      return relocation.r_addend == 0;
    default:
      return false;
  }
}

void bind_slots(const LoadedModule& module, std::span<const Elf64_Rela> relocations,
                std::span<const Hook> hooks) {
  const Elf64_Sym* const symbols = module.symbols();
  for (const Elf64_Rela& relocation : relocations) {
    if (!is_slot(relocation) || !module.holds(module.address_of(relocation))) continue;
    const char* const name = module.text(symbols[ELF64_R_SYM(relocation.r_info)].st_name);
    const Hook* const hook = find_hook(hooks, name);
    if (hook == nullptr || !may_move(module, relocation, *hook)) continue;
    write_slot(module, module.address_of(relocation), hook->hook);
  }
}

// --- which functions are hooked ----------------------------------------------------------------------------

int find_own_module(dl_phdr_info* info, std::size_t, void* own) {
  const LoadedModule module(*info);
  if (!module.holds(reinterpret_cast<std::uintptr_t>(&find_own_module))) return 0;
  *static_cast<LoadedModule*>(own) = module;  // stays: this code is in it
  return 1;
}

bool begins_with_one_of(const char* name, std::span<const char* const> starts) {
  return std::any_of(starts.begin(), starts.end(), [name](const char* start) {
    return std::strncmp(name, start, std::strlen(start)) == 0;
  });
}

// dlsym() searches as the modules beneath the handle do first. What it does not find there they have from the
// program, and that is our hook already.
void add_hook(const char* name, const void* function, void* handle, bool asks_who_calls,
              std::vector<Hook>* hooks) {
  const void* const behind = dlsym(handle, name);
  if (behind == nullptr) {
    dlerror();
  } else if (behind != function && (asks_who_calls || behind == next_function(name))) {
    hooks->push_back({name, function, behind, asks_who_calls});
  }
}

std::vector<Hook> hooks_for(void* handle, std::span<const char* const> per_caller) {
  std::vector<Hook> hooks;
  LoadedModule own;
  walk_modules(find_own_module, &own);
  Exports(own).for_each([&](const char* name, const void* function) {
    add_hook(name, function, handle, begins_with_one_of(name, per_caller), &hooks);
  });
  return hooks;
}

// --- which modules are bound -------------------------------------------------------------------------------

struct Binding {
  const Elf64_Dyn* opened;      // the module that was asked for, by its dynamic section
  std::uint64_t loaded_before;  // modules, when it was asked for
  std::span<const Hook> hooks;
};

int count_modules(dl_phdr_info* info, std::size_t, void* total) {
  *static_cast<std::uint64_t*>(total) = info->dlpi_adds;
  return 1;
}

struct ModuleList {
  std::vector<LoadedModule> modules;
  std::uint64_t loaded = 0;
};

int append_module(dl_phdr_info* info, std::size_t, void* list) {
  static_cast<ModuleList*>(list)->modules.emplace_back(*info);
  static_cast<ModuleList*>(list)->loaded = info->dlpi_adds;
  return 0;
}

// New modules stand at the end of the list. Some may belong to a dlopen() that another thread is in the
// middle of: they have no addresses yet, and what is written into them now would be made worse by their
// relocation. Hence only those count that the opened one needs.
class Group {
 public:
  Group(std::span<const LoadedModule> candidates, const Elf64_Dyn* opened) : candidates_(candidates) {
    for (const LoadedModule& module : candidates_) {
      if (module.dynamic() == opened) found_.push_back(&module);
    }
    for (std::size_t i = 0; i < found_.size(); ++i) add_needed(*found_[i]);  // found_ grows
  }

  const std::vector<const LoadedModule*>& modules() const { return found_; }

 private:
  void add_needed(const LoadedModule& user) {
    if (user.dynamic() == nullptr) return;
    for (const Elf64_Dyn* entry = user.dynamic(); entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_NEEDED) add(user.text(entry->d_un.d_val));
    }
  }

  void add(const char* needed) {
    const char* const slash = std::strrchr(needed, '/');
    const char* const name = slash == nullptr ? needed : slash + 1;
    for (const LoadedModule& module : candidates_) {
      if (std::strcmp(module.name(), name) != 0 && !ends_with_file(module.path(), name)) continue;
      if (std::find(found_.begin(), found_.end(), &module) == found_.end()) found_.push_back(&module);
      return;  // the first of that name is the one the loader took
    }
  }

  static bool ends_with_file(const char* path, const char* name) {
    const char* const slash = std::strrchr(path, '/');
    return std::strcmp(slash == nullptr ? path : slash + 1, name) == 0;
  }

  std::span<const LoadedModule> candidates_;
  std::vector<const LoadedModule*> found_;
};

// Runs for the first module and does the work for all: the loader's lock is held, so none can go.
int bind_new_modules(dl_phdr_info*, std::size_t, void* context) {
  const auto& binding = *static_cast<const Binding*>(context);
  ModuleList list;
  walk_modules(append_module, &list);
  const std::size_t fresh = std::min<std::size_t>(list.loaded - binding.loaded_before, list.modules.size());
  const Group group(std::span(list.modules).last(fresh), binding.opened);
  for (const LoadedModule* module : group.modules()) {
    bind_module(*module, binding.hooks);
    note_deep_bound(module->dynamic());
  }
  return 1;
}

// --- what the loader's search depends on -------------------------------------------------------------------

struct SearchPaths {
  std::uintptr_t caller;
  bool is_program = true;  // the first module of the list
  bool caller_found = false;
  bool differ = false;
};

// ld.so(8): a name is looked for by the caller's RUNPATH alone, by the RPATH of the caller, of those who
// loaded it and of the program, and by what is the same for all. This library has neither.
int compare_search_paths(dl_phdr_info* info, std::size_t, void* context) {
  auto& paths = *static_cast<SearchPaths*>(context);
  const LoadedModule module(*info);
  if (!paths.is_program && module.entry(DT_RPATH) != nullptr) paths.differ = true;
  if (module.holds(paths.caller)) {
    paths.caller_found = true;
    const bool no_default = (module.number(DT_FLAGS_1) & DF_1_NODEFLIB) != 0;
    if (no_default || module.entry(DT_RUNPATH) != nullptr) paths.differ = true;
  }
  paths.is_program = false;
  return 0;
}

}  // namespace

std::uint64_t modules_loaded() {
  std::uint64_t total = 0;
  walk_modules(count_modules, &total);
  return total;
}

void bind_module(const LoadedModule& module, std::span<const Hook> hooks) {
  if (module.symbols() == nullptr) return;
  bind_slots(module, module.data_relocations(), hooks);
  bind_slots(module, module.call_relocations(), hooks);
}

void bind_to_hooks(void* handle, std::uint64_t loaded_before, std::span<const char* const> per_caller) {
  link_map* opened = nullptr;
  if (modules_loaded() == loaded_before || dlinfo(handle, RTLD_DI_LINKMAP, &opened) != 0) return;
  // Found before the loader's lock is taken: dlsym() takes another, in the other order.
  const std::vector<Hook> hooks = hooks_for(handle, per_caller);
  Binding binding{opened->l_ld, loaded_before, hooks};
  walk_modules(bind_new_modules, &binding);
}

bool depends_on_caller(const char* file, const void* caller) {
  if (std::strchr(file, '$') != nullptr) return true;
  if (std::strchr(file, '/') != nullptr) return false;
  SearchPaths paths{.caller = reinterpret_cast<std::uintptr_t>(caller)};
  walk_modules(compare_search_paths, &paths);
  return !paths.caller_found || paths.differ;
}

}  // namespace llmo::platform
