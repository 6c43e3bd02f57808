#include "exporters/functions/file_type.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace llmo::functions {

using symbolizer::ByteReader;

FileType::FileType(const symbolizer::ElfImage& image) {
  ByteReader header(image.bytes(), EI_NIDENT);
  type = header.u16();
  machine = header.u16();
  has_interpreter = image.find_section(std::string_view(".interp")).has_value();
  ByteReader dynamic(image.contents(image.find_section(SHT_DYNAMIC).value_or(symbolizer::Section{})));
  while (!dynamic.at_end()) {
    const std::uint64_t tag = dynamic.u64();
    const std::uint64_t value = dynamic.u64();
    if (tag == DT_FLAGS_1 && (value & DF_1_PIE) != 0) is_pie = true;
  }
}

ModuleKind FileType::kind() const {
  if (type == ET_REL) return ModuleKind::kObjectFile;
  if (type == ET_EXEC || is_pie) return has_interpreter ? ModuleKind::kProgram : ModuleKind::kStaticProgram;
  return ModuleKind::kLibrary;
}

std::string FileType::problem() const {
  if (machine != EM_X86_64) return fmt::format("for another machine than x86-64 (ELF machine {})", machine);
  if (type == ET_REL) return "an object file, whose calls are not bound yet: link it, and ask for the result";
  if (type != ET_EXEC && type != ET_DYN) return "an ELF file, but neither a program nor a library";
  return {};
}

std::string why_not_opened(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return std::strerror(errno);
  ::close(fd);
  return "not an ELF file of 64 bits, as programs and libraries for x86-64 are";
}

}  // namespace llmo::functions
