#include "symbolizer/lines/dwarf_file.h"

#include <dwarf.h>
#include <sys/mman.h>

#include <cstddef>

namespace llmo::symbolizer {

// From the bytes that were checked, not from the path again.
std::optional<DwarfFile> DwarfFile::open(const ElfImage& image) {
  const Bytes bytes = image.bytes();
  auto* const start = reinterpret_cast<char*>(const_cast<std::byte*>(bytes.data()));
  if (elf_version(EV_CURRENT) == EV_NONE) return std::nullopt;
  if (mprotect(start, bytes.size(), PROT_READ | PROT_WRITE) != 0) return std::nullopt;
  DwarfFile file;
  file.elf_.reset(elf_memory(start, bytes.size()));
  if (file.elf_ == nullptr) return std::nullopt;
  file.dwarf_.reset(dwarf_begin_elf(file.elf_.get(), DWARF_C_READ, nullptr));
  if (file.dwarf_ == nullptr) return std::nullopt;
  return file;
}

const char* numbered_file(Dwarf_Attribute* attribute) {
  Dwarf_Word number = 0;
  Dwarf_Die unit;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(attribute, &number) != 0) return nullptr;
  if (dwarf_cu_die(attribute->cu, &unit, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr) == nullptr)
    return nullptr;
  if (dwarf_getsrcfiles(&unit, &files, &count) != 0 || number >= count) return nullptr;
  return dwarf_filesrc(files, number, nullptr, nullptr);
}

std::string absolute_path(std::string path, Dwarf_Die* unit) {
  if (path.empty() || path.front() == '/') return path;
  Dwarf_Attribute attribute;
  const char* const directory = dwarf_formstring(dwarf_attr_integrate(unit, DW_AT_comp_dir, &attribute));
  return directory == nullptr || *directory == '\0' ? path : std::string(directory) + '/' + path;
}

}  // namespace llmo::symbolizer
