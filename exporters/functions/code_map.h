// The code of an ELF file by address, and the words that its loader fills in.
#pragma once

#include <cstdint>
#include <vector>

#include "symbolizer/elf_image.h"

namespace llmo::functions {

// Instructions that lie together, one section of them.
struct CodeSection {
  std::uint64_t address = 0;
  symbolizer::Bytes bytes;
  bool is_plt = false;  // stubs that the linker made

  std::uint64_t end() const { return address + bytes.size(); }
};

// A view of an image, which must outlive it. Sections that do not lie inside the file are left out.
class CodeMap {
 public:
  explicit CodeMap(const symbolizer::ElfImage& image);

  // Sorted by address.
  const std::vector<CodeSection>& sections() const { return sections_; }

  // The section that holds `address`; null where there is none.
  const CodeSection* section_of(std::uint64_t address) const;

  // Up to `size` bytes from `address` on, as far as its section goes.
  symbolizer::Bytes bytes_at(std::uint64_t address, std::uint64_t size) const;

 private:
  std::vector<CodeSection> sections_;
};

}  // namespace llmo::functions
