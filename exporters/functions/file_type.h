// What kind of ELF file a file is, as its header and its dynamic section say.
#pragma once

#include <cstdint>
#include <string>

#include "symbolizer/elf_image.h"

namespace llmo::functions {

enum class ModuleKind { kProgram, kStaticProgram, kLibrary, kObjectFile };

struct FileType {
  explicit FileType(const symbolizer::ElfImage& image);

  ModuleKind kind() const;

  // Why its functions cannot be looked at; empty where they can.
  std::string problem() const;

  std::uint16_t type = 0;     // ET_EXEC …
  std::uint16_t machine = 0;  // EM_X86_64 …
  bool has_interpreter = false;
  bool is_pie = false;
};

// Why ElfImage::open() gives nothing for `file`, in words.
std::string why_not_opened(const std::string& file);

}  // namespace llmo::functions
