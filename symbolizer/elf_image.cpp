#include "symbolizer/elf_image.h"

#include "shim/platform/syscalls.h"

namespace llmo::symbolizer {

namespace {

namespace sys = platform::sys;

template <typename T>
std::optional<T> read_struct(Bytes bytes, std::uint64_t offset) {
  const Bytes source = slice(bytes, offset, sizeof(T));
  if (source.empty()) return std::nullopt;
  T value;
  std::memcpy(&value, source.data(), sizeof value);
  return value;
}

Elf64_Ehdr file_header(Bytes bytes) { return read_struct<Elf64_Ehdr>(bytes, 0).value_or(Elf64_Ehdr{}); }

bool is_supported(Bytes bytes) {
  const Elf64_Ehdr header = file_header(bytes);
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == ELFDATA2LSB;
}

// The whole file, or nothing.
Bytes map_file(int fd) {
  struct stat status {};
  if (sys::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const start = sys::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (start == nullptr) return {};
  return {static_cast<const std::byte*>(start), size};
}

void unmap(Bytes bytes) {
  if (!bytes.empty()) sys::munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

std::optional<ElfImage> ElfImage::open(const char* path) {
  // O_NONBLOCK: a path may lead to a FIFO, on which an open would wait.
  const int fd = sys::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return std::nullopt;
  const Bytes bytes = map_file(fd);
  sys::close(fd);
  if (!is_supported(bytes)) {
    unmap(bytes);
    return std::nullopt;
  }
  return ElfImage(bytes);
}

ElfImage::~ElfImage() { unmap(bytes_); }

std::optional<Section> ElfImage::section(std::uint64_t index) const {
  const Elf64_Ehdr header = file_header(bytes_);
  if (header.e_shoff == 0 || header.e_shoff > bytes_.size() || header.e_shentsize != sizeof(Elf64_Shdr))
    return {};
  if (index >= section_count()) return {};
  const auto raw = read_struct<Elf64_Shdr>(bytes_, header.e_shoff + index * sizeof(Elf64_Shdr));
  if (!raw) return {};
  Section section;
  section.type = raw->sh_type;
  section.flags = raw->sh_flags;
  section.address = raw->sh_addr;
  section.offset = raw->sh_offset;
  section.size = raw->sh_size;
  section.link = raw->sh_link;
  section.name = section_name(raw->sh_name);
  return section;
}

std::string_view ElfImage::section_name(std::uint32_t name_offset) const {
  const Elf64_Ehdr header = file_header(bytes_);
  std::uint64_t names_index = header.e_shstrndx;
  if (names_index == SHN_XINDEX) {
    const auto first = read_struct<Elf64_Shdr>(bytes_, header.e_shoff);
    names_index = first ? first->sh_link : 0;
  }
  const auto names = read_struct<Elf64_Shdr>(bytes_, header.e_shoff + names_index * sizeof(Elf64_Shdr));
  if (!names) return {};
  return ByteReader(slice(bytes_, names->sh_offset, names->sh_size), name_offset).text();
}

std::uint64_t ElfImage::section_count() const {
  const Elf64_Ehdr header = file_header(bytes_);
  if (header.e_shnum != 0) return header.e_shnum;
  // 65280 sections and more: the number stands in the first one (System V ABI, ELF header, e_shnum).
  const auto first = header.e_shoff == 0 ? std::nullopt : read_struct<Elf64_Shdr>(bytes_, header.e_shoff);
  const std::uint64_t most = bytes_.size() / sizeof(Elf64_Shdr);
  return first ? std::min<std::uint64_t>(first->sh_size, most) : 0;
}

std::optional<Section> ElfImage::find_section(std::string_view name) const {
  const std::uint64_t count = section_count();
  for (std::uint64_t index = 1; index < count; ++index) {
    const auto found = section(index);
    if (!found) break;
    if (found->name == name) return found;
  }
  return std::nullopt;
}

std::optional<Section> ElfImage::find_section(std::uint32_t type) const {
  const std::uint64_t count = section_count();
  for (std::uint64_t index = 1; index < count; ++index) {
    const auto found = section(index);
    if (!found) break;
    if (found->type == type) return found;
  }
  return std::nullopt;
}

Bytes ElfImage::contents(const Section& section) const {
  if (section.type == SHT_NOBITS || (section.flags & SHF_COMPRESSED) != 0) return {};
  return slice(bytes_, section.offset, section.size);
}

Bytes ElfImage::contents(std::string_view name) const {
  const auto found = find_section(name);
  return found ? contents(*found) : Bytes{};
}

BuildIdView ElfImage::build_id() const {
  // By section first: the program headers of a separate debug file point at bytes that are not in it.
  const BuildIdView by_section = find_build_id(contents(".note.gnu.build-id"));
  if (!by_section.empty()) return by_section;
  const Elf64_Ehdr header = file_header(bytes_);
  for (std::uint64_t index = 0; index < header.e_phnum; ++index) {
    if (header.e_phoff > bytes_.size() || header.e_phentsize != sizeof(Elf64_Phdr)) break;
    const auto segment = read_struct<Elf64_Phdr>(bytes_, header.e_phoff + index * sizeof(Elf64_Phdr));
    if (!segment) break;
    if (segment->p_type != PT_NOTE) continue;
    const BuildIdView found = find_build_id(slice(bytes_, segment->p_offset, segment->p_filesz));
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace llmo::symbolizer
