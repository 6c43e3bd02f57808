// The debug information (DWARF) of an ELF file, opened with libdw, and the paths that stand in it.
#pragma once

#include <elfutils/libdw.h>
#include <libelf.h>

#include <memory>
#include <optional>
#include <string>

#include "symbolizer/elf_image.h"

namespace llmo::symbolizer {

// Movable; the image must outlive it. Threads: one at a time.
class DwarfFile {
 public:
  // Nothing where the file has no debug information. The image's pages are private and become writable:
  // libelf changes a section's header in place when it decompresses it.
  static std::optional<DwarfFile> open(const ElfImage& image);

  Dwarf* get() const { return dwarf_.get(); }

 private:
  struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
  };
  struct EndDwarf {
    void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
  };

  std::unique_ptr<Elf, EndElf> elf_;
  std::unique_ptr<Dwarf, EndDwarf> dwarf_;
};

// The file that an attribute with the number of a file names (DW_AT_decl_file, DW_AT_call_file), or null. Not
// by dwarf_decl_file(), which stops the process on a split unit whose files it has not read yet (elfutils
// 0.188, an assert).
const char* numbered_file(Dwarf_Attribute* attribute);

// A path may be relative to the directory that the compiler ran in, which the unit names.
std::string absolute_path(std::string path, Dwarf_Die* unit);

}  // namespace llmo::symbolizer
