// Source files by address, from .debug_line of a program, library or debug file.
//
// Programs are run one after the other until one covers the address; what they cover is remembered, so the
// next question is a binary search and one program, or goes on where the last one stopped. Compressed
// sections (SHF_COMPRESSED, .zdebug_line) are not read: then there is no answer. Split DWARF keeps
// .debug_line in the program and works.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbolizer/elf_image.h"
#include "symbolizer/line_program.h"

namespace llmo::symbolizer {

// Not owned: the image must outlive it (moving the image is fine). Threads: one at a time.
class LineTable {
 public:
  explicit LineTable(const ElfImage& image);

  // No line information that can be read.
  bool empty() const { return sections_.line.empty(); }

  // The path of the source file, as stored; relative ones are relative to the directory of the compilation.
  std::optional<std::string> find(std::uint64_t address);

 private:
  std::optional<std::string> find_known(std::uint64_t address) const;

  LineSections sections_;
  std::uint64_t lowest_code_ = 0;
  std::uint64_t next_program_ = 0;
  std::vector<LineSequence> sequences_;  // sorted by `low`
};

}  // namespace llmo::symbolizer
