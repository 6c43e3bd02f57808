// A program or library in memory, as its program headers and its dynamic section describe it (System V gABI,
// chapter 5).
//
// Everything is a view into the module itself: use it only while the module cannot go away, that is inside
// dl_iterate_phdr(), or while a handle of dlopen() keeps it.
#pragma once

#include <link.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace llmo::platform {

class LoadedModule {
 public:
  LoadedModule() = default;
  explicit LoadedModule(const dl_phdr_info& info);

  const char* path() const { return path_; }  // as the loader has it; empty: the program
  const Elf64_Dyn* dynamic() const { return dynamic_; }
  bool holds(std::uintptr_t address) const { return segment_of(address) != nullptr; }

  // The first entry of that tag in the dynamic section; nullptr where there is none.
  const Elf64_Dyn* entry(Elf64_Sxword tag) const;
  // The number in that entry, 0 where there is none.
  std::uint64_t number(Elf64_Sxword tag) const;
  // What that entry points to; nullptr where there is none or where it lies outside the module.
  const void* pointer(Elf64_Sxword tag) const;

  const char* name() const;  // DT_SONAME, else the file name of path()
  const Elf64_Sym* symbols() const { return static_cast<const Elf64_Sym*>(pointer(DT_SYMTAB)); }
  const char* text(std::uint64_t offset) const;  // in DT_STRTAB; "" where it has none

  // The version of that symbol, whether the module defines or needs it (LSB 10.7); nullptr where it has none.
  const char* version_of(std::uint64_t symbol) const;
  // Whether it is defined for those only who ask for its version.
  bool is_old_version(std::uint64_t symbol) const;

  // Relocations by name among them: DT_RELA without the relative ones it begins with, and DT_JMPREL.
  std::span<const Elf64_Rela> data_relocations() const;
  std::span<const Elf64_Rela> call_relocations() const;

  const void* at(std::uint64_t offset) const { return reinterpret_cast<const void*>(base_ + offset); }
  std::uintptr_t address_of(const Elf64_Rela& relocation) const { return base_ + relocation.r_offset; }

  // Whether that place may be written as its segment has it, and whether the loader has taken that back since
  // (PT_GNU_RELRO; whole pages of it, as glibc does).
  bool is_writable_segment(std::uintptr_t address) const;
  bool is_protected_after_relocation(std::uintptr_t address) const;

 private:
  unsigned version_entry(std::uint64_t symbol) const;
  const Elf64_Phdr* segment_of(std::uintptr_t address) const;

  std::uintptr_t base_ = 0;
  const char* path_ = "";
  std::span<const Elf64_Phdr> headers_;
  const Elf64_Dyn* dynamic_ = nullptr;
};

}  // namespace llmo::platform
