#include "shim/platform/imports.h"

#include <cstdint>
#include <cstring>
#include <span>

#include "shim/platform/loaded_module.h"
#include "shim/platform/module_walk.h"

namespace llmo::platform {
namespace {

struct Search {
  const void* address;
  const char* name;
  std::size_t family_size;  // of `name`, its underscore included
  Import import;
};

// True when no better one can come.
bool look_among(const LoadedModule& module, std::span<const Elf64_Rela> relocations, Search* search) {
  for (const Elf64_Rela& relocation : relocations) {
    const std::uint64_t symbol = ELF64_R_SYM(relocation.r_info);
    const char* const name = module.text(module.symbols()[symbol].st_name);
    if (std::strncmp(name, search->name, search->family_size) != 0) continue;
    const bool same = std::strcmp(name, search->name) == 0;
    if (same || !search->import.found) search->import = {true, module.version_of(symbol)};
    if (same) return true;
  }
  return false;
}

int look_in_module(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<Search*>(context);
  const LoadedModule module(*info);
  if (!module.holds(reinterpret_cast<std::uintptr_t>(search.address))) return 0;
  if (module.symbols() == nullptr) return 1;
  if (!look_among(module, module.call_relocations(), &search)) {
    look_among(module, module.data_relocations(), &search);
  }
  return 1;
}

}  // namespace

Import find_import(const void* address, const char* name) {
  const char* const underscore = std::strchr(name, '_');
  // A name of C++ begins with one: then it is its own family.
  const bool has_family = underscore != nullptr && underscore != name;
  const std::size_t family =
      has_family ? static_cast<std::size_t>(underscore - name) + 1 : std::strlen(name) + 1;
  Search search{address, name, family, {}};
  walk_modules(look_in_module, &search);
  return search.import;
}

}  // namespace llmo::platform
