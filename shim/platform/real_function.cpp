#include "shim/platform/real_function.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>

#include "shim/platform/deep_bound.h"
#include "shim/platform/export.h"
#include "shim/platform/imports.h"
#include "shim/platform/module_walk.h"

namespace llmo::platform {
namespace {

bool is_ours(const void* function) {
  return module_of(function) == module_of(reinterpret_cast<const void*>(&modules_unloaded));
}

// What dlsym() and dlvsym() found, but never a function of ours. Leaves no error text behind: the host may be
// in the middle of its own dlopen(), dlsym(), dlerror().
void* not_ours(void* found) {
  if (found == nullptr) {
    dlerror();
    return nullptr;
  }
  return is_ours(found) ? nullptr : found;
}

void* find(void* handle, const char* name) { return not_ours(dlsym(handle, name)); }

void* next_version(const char* name, const char* version) {
  return version == nullptr ? next_function(name) : not_ours(dlvsym(RTLD_NEXT, name, version));
}

const link_map* link_map_of(const void* address) { return static_cast<const link_map*>(module_of(address)); }

// RTLD_NOLOAD only takes one more reference on what is loaded already. The program's own name is empty, and
// what dlopen() gives for it sees this library first, so the program has no handle here.
void* reopen(const link_map* module) {
  if (module == nullptr || module->l_name == nullptr || module->l_name[0] == '\0') return nullptr;
  void* const handle = dlopen(module->l_name, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) dlerror();
  return handle;
}

constinit RealFunction<int(void*)> real_dlclose{"dlclose"};

struct LibrarySearch {
  const char* library;
  const void* address;  // some address in the library that was found
};

int match_library(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<LibrarySearch*>(context);
  const char* const slash = std::strrchr(info->dlpi_name, '/');
  const char* const file = slash == nullptr ? info->dlpi_name : slash + 1;
  if (std::strncmp(file, search.library, std::strlen(search.library)) != 0) return 0;
  search.address = info->dlpi_phdr;  // the program headers lie in the library's first mapping
  return 1;
}

void* find_in_any(const char* library, const char* name) {
  LibrarySearch search{library, nullptr};
  walk_modules(match_library, &search);
  return search.address == nullptr ? nullptr : Module(search.address).function(name);
}

struct DefinerSearch {
  const char* name;
  const char* version;
  std::optional<Exports> found;
  bool several = false;
};

// The loader lets its own search know a module once its addresses are in place (glibc, elf/dl-open.c).
bool is_ready(const LoadedModule& module) { return module_of(module.dynamic()) != nullptr; }

int match_definer(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<DefinerSearch*>(context);
  const LoadedModule module(*info);
  if (is_ours(module.dynamic()) || !is_ready(module)) return 0;
  const Exports exports(module);
  if (!exports.satisfies(search.name, search.version)) return 0;
  search.several = search.found.has_value();
  search.found = exports;
  return search.several ? 1 : 0;
}

int read_unload_count(dl_phdr_info* info, std::size_t, void* context) {
  *static_cast<std::uint64_t*>(context) = info->dlpi_subs;
  return 1;  // the first module tells all
}

}  // namespace

LLMO_COLD void* next_function(const char* name) { return find(RTLD_NEXT, name); }

const void* module_of(const void* address) {
  dl_find_object object{};
  // dladdr1() gives the same answer, but takes the loader's lock and searches symbols. The cast drops a const
  // that the loader's function has no use for.
  if (_dl_find_object(const_cast<void*>(address), &object) != 0) return nullptr;
  return object.dlfo_link_map;
}

std::uint64_t modules_unloaded() {
  std::uint64_t count = 0;
  walk_modules(read_unload_count, &count);
  return count;
}

std::optional<Exports> only_definer(const void* caller, const char* name) {
  DefinerSearch search{name, find_import(caller, name).version, std::nullopt};
  walk_modules(match_definer, &search);
  return search.several ? std::nullopt : search.found;
}

Module::Module(const void* address) : handle_(reopen(link_map_of(address))) {}

// By libc's own dlclose(): this library stands in front of it, to learn of modules that go, and none goes
// here.
Module::~Module() {
  auto* const close = real_dlclose.get();
  if (handle_ != nullptr && close != nullptr) close(handle_);
}

void* Module::function(const char* name) const { return handle_ == nullptr ? nullptr : find(handle_, name); }

void* function_behind(const void* caller, const char* name, const char* library) {
  const Import import = find_import(caller, name);
  if (import.found && !is_deep_bound(caller)) {
    if (void* const next = next_version(name, import.version)) return next;
  }
  // A module that has the function and calls it by no name of its own wraps it: it means the next one.
  void* const seen = Module(caller).function(name);
  if (seen != nullptr && (import.found || module_of(seen) != module_of(caller))) return seen;
  if (void* const next = next_function(name)) return next;
  return find_in_any(library, name);
}

}  // namespace llmo::platform
