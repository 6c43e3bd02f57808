#include "shim/platform/imports.h"

#include <cstring>

namespace llmo::platform {
namespace {

struct Search {
  const void* address;
  const char* name;
  std::size_t family_size;  // of `name`, its underscore included
  Import import;
};

// A table of versions that are needed: a chain of libraries, each with a chain of versions.
const char* needed_version(const LoadedModule& module, unsigned index) {
  const auto* at = static_cast<const char*>(module.pointer(DT_VERNEED));
  for (std::uint64_t left = at == nullptr ? 0 : module.number(DT_VERNEEDNUM); left > 0; --left) {
    const auto* const library = reinterpret_cast<const Elf64_Verneed*>(at);
    const char* version_at = at + library->vn_aux;
    for (unsigned i = 0; i < library->vn_cnt; ++i) {
      const auto* const version = reinterpret_cast<const Elf64_Vernaux*>(version_at);
      if ((version->vna_other & 0x7fff) == index) return module.text(version->vna_name);
      version_at += version->vna_next;
    }
    at += library->vn_next;
  }
  return nullptr;
}

// A function that the module has itself and calls by name, as libcurl does: a chain of versions that it
// defines.
const char* defined_version(const LoadedModule& module, unsigned index) {
  const auto* at = static_cast<const char*>(module.pointer(DT_VERDEF));
  for (std::uint64_t left = at == nullptr ? 0 : module.number(DT_VERDEFNUM); left > 0; --left) {
    const auto* const version = reinterpret_cast<const Elf64_Verdef*>(at);
    if ((version->vd_ndx & 0x7fff) == index) {
      return module.text(reinterpret_cast<const Elf64_Verdaux*>(at + version->vd_aux)->vda_name);
    }
    at += version->vd_next;
  }
  return nullptr;
}

// 0 and 1 stand for no version, the top bit for `hidden`.
const char* version_of(const LoadedModule& module, std::uint64_t symbol) {
  const auto* const versions = static_cast<const Elf64_Versym*>(module.pointer(DT_VERSYM));
  if (versions == nullptr) return nullptr;
  const unsigned index = versions[symbol] & 0x7fff;
  if (index < 2) return nullptr;
  const char* const needed = needed_version(module, index);
  return needed != nullptr ? needed : defined_version(module, index);
}

// True when no better one can come.
bool look_among(const LoadedModule& module, std::span<const Elf64_Rela> relocations, Search* search) {
  for (const Elf64_Rela& relocation : relocations) {
    const std::uint64_t symbol = ELF64_R_SYM(relocation.r_info);
    const char* const name = module.text(module.symbols()[symbol].st_name);
    if (std::strncmp(name, search->name, search->family_size) != 0) continue;
    const bool same = std::strcmp(name, search->name) == 0;
    if (same || !search->import.found) search->import = {true, version_of(module, symbol)};
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
  const std::size_t family =
      underscore == nullptr ? std::strlen(name) + 1 : static_cast<std::size_t>(underscore - name) + 1;
  Search search{address, name, family, {}};
  dl_iterate_phdr(look_in_module, &search);
  return search.import;
}

}  // namespace llmo::platform
