// The functions that a loaded module offers to others.
//
// The symbol table says what they are, a hash table beside it how many there are and where one is found:
// DT_GNU_HASH (glibc, elf/dl-lookup.c), or DT_HASH of the System V gABI (chapter 5), which is searched from
// end to end here, as few modules have nothing better.
#pragma once

#include <cstdint>
#include <optional>

#include "shim/platform/loaded_module.h"

namespace llmo::platform {

// A view into the module, good as long as that. Threads: any. Signals: safe.
class Exports {
 public:
  explicit Exports(const LoadedModule& module);

  // The function that dlsym() would give for this module alone: `name` in its default version. nullptr where
  // there is none, and where the loader would have to run code to choose it (STT_GNU_IFUNC).
  const void* function(const char* name) const;

  // Whether a reference to `name` in that version (nullptr: in none) can be bound to this module.
  bool satisfies(const char* name, const char* version) const;

  // Calls `visit(name, address)` for every function.
  template <typename Visit>
  void for_each(Visit visit) const {
    const std::uint32_t end = symbol_count();
    for (std::uint32_t i = first_; i < end; ++i) {
      if (is_function(i)) visit(name_of(i), address_of(i));
    }
  }

 private:
  struct GnuHash;

  std::uint32_t symbol_count() const;
  bool is_function(std::uint32_t symbol) const;
  const char* name_of(std::uint32_t symbol) const;
  const void* address_of(std::uint32_t symbol) const;
  bool fits(std::uint32_t symbol, const char* version) const;
  template <typename Accept>
  std::optional<std::uint32_t> find(const char* name, Accept accept) const;

  LoadedModule module_;
  const Elf64_Sym* symbols_ = nullptr;
  const GnuHash* hash_ = nullptr;
  std::uint32_t first_ = 0;  // of the symbols that may be functions
};

}  // namespace llmo::platform
