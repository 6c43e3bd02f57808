// The functions that an ELF symbol table names, found by address.
//
// The file's table stays where it is, mapped; beside it lies an index of eight bytes a function, sorted by
// address: the address as distance from the lowest function, and the number of the symbol. Functions that
// start more than 4 GiB above the lowest are left out; x86-64 code models keep far below that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "symbolizer/elf_image.h"

namespace llmo::symbolizer {

struct Symbol {
  std::string_view name;  // mangled, without symbol version; a view of the image, not empty
  std::uint64_t address;  // where the function starts, in the ELF file
  std::uint64_t size;     // 0 where the table does not say
  bool exact;             // the address asked for is where it starts
};

// Not owned: the image that it was made from must outlive it (moving the image is fine).
// Threads: find() by any number of them. Signals: find() allocates nothing and takes no lock.
class SymbolTable {
 public:
  SymbolTable() = default;

  // The functions in the section of type `section_type` (SHT_SYMTAB or SHT_DYNSYM); empty where there are
  // none.
  static SymbolTable read(const ElfImage& image, std::uint32_t section_type);

  bool empty() const { return index_.empty(); }
  std::size_t size() const { return index_.size(); }

  // The functions one by one, by address; `index` is below size().
  Symbol at(std::size_t index) const;

  // The function whose code covers `address`. One without size reaches to the next one, or to its section's
  // end. Of several that start together, the same one is chosen each time: with a size before without, then
  // global before local before weak, then fewest leading underscores, then the first in the table.
  std::optional<Symbol> find(std::uint64_t address) const;

  // The source file that the table names for the function at `address`: without directory, local functions
  // only.
  std::optional<std::string_view> source_file(std::uint64_t address) const;

 private:
  struct Entry {
    std::uint32_t distance;  // from base_
    std::uint32_t symbol;
  };

  std::optional<Elf64_Sym> symbol(std::uint64_t index) const;
  std::string_view name(const Elf64_Sym& symbol) const;
  bool is_function(const Elf64_Sym& symbol) const;
  bool is_better(const Elf64_Sym& a, const Elf64_Sym& b) const;
  bool covers(const Entry& entry, std::uint64_t address) const;
  const Entry* find_entry(std::uint64_t address) const;
  void collect();
  void sort();
  void drop_aliases();

  Bytes symbols_;
  Bytes names_;
  std::uint64_t base_ = 0;
  std::vector<Entry> index_;
  std::vector<std::uint64_t> section_ends_;
};

}  // namespace llmo::symbolizer
