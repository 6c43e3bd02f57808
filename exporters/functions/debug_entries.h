// The entries (DIEs) of debug information: those that stand for units, a walk over the rest that ends
// whatever the file holds, and what an entry says.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbolizer/elf_image.h"
#include "symbolizer/lines/dwarf_file.h"

namespace llmo::functions {

// That of the first of the two files that has units; `debug_file` may be null. Both must outlive it.
std::optional<symbolizer::DwarfFile> open_debug_info(const symbolizer::ElfImage& image,
                                                     const symbolizer::ElfImage* debug_file);

// The DIEs of all units; for one whose contents are in a .dwo file, that file's. Empty where there are none.
std::vector<Dwarf_Die> units_of(const symbolizer::DwarfFile& file);

// Every DIE below one, parents first.
class DieWalk {
 public:
  explicit DieWalk(const Dwarf_Die& root) : path_{root} {}

  // The next one; false at the end. `descend`: whether to go into the current one.
  bool next(bool descend);

  Dwarf_Die& current() { return path_.back(); }

  // From the root to the current one.
  std::vector<Dwarf_Die>& path() { return path_; }

 private:
  std::vector<Dwarf_Die> path_;
};

// What a DIE or what it completes or copies says: empty where nothing does.
std::string text_of(Dwarf_Die& die, unsigned attribute);
std::optional<std::uint64_t> number_of(Dwarf_Die& die, unsigned attribute);

// The DIE that an attribute refers to.
std::optional<Dwarf_Die> referred_by(Dwarf_Die& die, unsigned attribute);

// Where the code of a function begins; 0 where it has none.
std::uint64_t code_start(Dwarf_Die& die);

// The path of the file that an attribute numbers (DW_AT_decl_file, DW_AT_call_file), with the directory of
// the compilation where it is relative.
std::string file_of(Dwarf_Die& die, unsigned attribute);

}  // namespace llmo::functions
