#include "symbolizer/module_map.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>

#include <algorithm>
#include <cstring>

#include "shim/platform/syscalls.h"

// Lock-free and async-signal-safe (glibc 2.35). Weak: without it the loader's list is walked.
#pragma weak _dl_find_object

namespace llmo::symbolizer {

namespace {

namespace sys = platform::sys;

// An object as the loader describes it.
struct Object {
  std::uint64_t load_bias = 0;
  const char* name = nullptr;  // empty for the main program
  const Elf64_Phdr* segments = nullptr;
  std::size_t segment_count = 0;
};

// The loader hands out addresses as numbers.
const std::byte* memory_at(std::uint64_t address) {
  return reinterpret_cast<const std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

bool holds(const Object& object, const Elf64_Phdr& segment, std::uint64_t address) {
  const std::uint64_t start = object.load_bias + segment.p_vaddr;
  return segment.p_type == PT_LOAD && address >= start && address - start < segment.p_memsz;
}

const Elf64_Phdr* find_segment(const Object& object, std::uint64_t address) {
  for (std::size_t index = 0; index < object.segment_count; ++index) {
    if (holds(object, object.segments[index], address)) return &object.segments[index];
  }
  return nullptr;
}

// The program headers lie in the first page, where the object starts with its own file header; that is so for
// all that the linkers make. Nothing where it is not.
bool read_program_headers(const void* map_start, Object& object) {
  const auto* const header = static_cast<const Elf64_Ehdr*>(map_start);
  constexpr std::size_t kFirstPage = 4096;
  if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return false;
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % alignof(Elf64_Phdr) != 0) return false;
  if (header->e_phoff > kFirstPage) return false;
  if (header->e_phnum > (kFirstPage - header->e_phoff) / sizeof(Elf64_Phdr)) return false;
  object.segments =
      reinterpret_cast<const Elf64_Phdr*>(static_cast<const char*>(map_start) + header->e_phoff);
  object.segment_count = header->e_phnum;
  const Elf64_Phdr* const first = find_segment(object, reinterpret_cast<std::uintptr_t>(map_start));
  return first != nullptr && first->p_offset == 0 && (first->p_flags & PF_R) != 0;
}

bool find_without_lock(std::uintptr_t address, Object& object) {
  if (_dl_find_object == nullptr) return false;
  dl_find_object found{};
  if (_dl_find_object(const_cast<std::byte*>(memory_at(address)), &found) != 0 ||
      found.dlfo_link_map == nullptr)
    return false;
  object.load_bias = found.dlfo_link_map->l_addr;
  object.name = found.dlfo_link_map->l_name;
  return read_program_headers(found.dlfo_map_start, object);
}

struct Walk {
  std::uintptr_t address;
  Object object;
};

int visit_object(dl_phdr_info* info, std::size_t, void* data) {
  auto* const walk = static_cast<Walk*>(data);
  const Object object{info->dlpi_addr, info->dlpi_name, info->dlpi_phdr, info->dlpi_phnum};
  if (find_segment(object, walk->address) == nullptr) return 0;
  walk->object = object;
  return 1;
}

bool find_by_walk(std::uintptr_t address, Object& object) {
  Walk walk{address, {}};
  if (dl_iterate_phdr(visit_object, &walk) == 0) return false;
  object = walk.object;
  return true;
}

BuildId read_build_id(const Object& object) {
  for (std::size_t index = 0; index < object.segment_count; ++index) {
    const Elf64_Phdr& note = object.segments[index];
    if (note.p_type != PT_NOTE) continue;
    const std::uint64_t start = object.load_bias + note.p_vaddr;
    const Elf64_Phdr* const segment = find_segment(object, start);
    if (segment == nullptr || (segment->p_flags & PF_R) == 0) continue;
    const std::uint64_t left = segment->p_vaddr + segment->p_filesz - note.p_vaddr;
    const Bytes bytes(memory_at(start), std::min<std::uint64_t>(note.p_filesz, left));
    const BuildIdView found = find_build_id(bytes);
    if (!found.empty()) return BuildId(found.begin(), found.end());
  }
  return {};
}

std::string without_deleted_mark(std::string path) {
  constexpr std::string_view kMark = " (deleted)";
  if (path.ends_with(kMark)) path.resize(path.size() - kMark.size());
  return path;
}

// Buffers are on the heap: a first call may come on a small stack, a signal handler's for one.
constexpr std::size_t kBufferSize = 4096;

std::string read_link(const char* link) {
  std::string target(kBufferSize, '\0');
  const long size = sys::readlink(link, target.data(), target.size());
  target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return target;
}

// Hexadecimal digits of `line` from `position` on, which is moved behind them.
std::uint64_t read_hex(std::string_view line, std::size_t& position) {
  std::uint64_t value = 0;
  for (; position < line.size(); ++position) {
    const char c = line[position];
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      break;
    }
  }
  return value;
}

// The path of a line of /proc/self/maps that covers `address`; empty for the others (proc(5)).
std::string_view path_in_maps_line(std::string_view line, std::uint64_t address) {
  std::size_t position = 0;
  const std::uint64_t start = read_hex(line, position);
  ++position;  // the dash
  const std::uint64_t end = read_hex(line, position);
  const std::size_t path = line.find('/');
  if (address < start || address >= end || path == std::string_view::npos) return {};
  return line.substr(path);
}

// The kernel's word on what is mapped at `address`: absolute, symbolic links resolved. Empty if it has none.
std::string mapped_path(std::uint64_t address) {
  const int fd = sys::open("/proc/self/maps", O_RDONLY);
  if (fd < 0) return {};
  std::string found;
  std::string text;
  std::string buffer(kBufferSize, '\0');
  long size = 0;
  while (found.empty() && (size = sys::read(fd, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
    std::size_t start = 0;
    for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos && found.empty();
         start = end + 1) {
      found = path_in_maps_line(std::string_view(text).substr(start, end - start), address);
    }
    text.erase(0, start);
  }
  sys::close(fd);
  return without_deleted_mark(std::move(found));
}

bool is_vdso(std::uintptr_t address, const Object& object) {
  const std::uint64_t start = getauxval(AT_SYSINFO_EHDR);
  return start != 0 && find_segment(object, start) != nullptr && find_segment(object, address) != nullptr;
}

// /proc/self/exe, unless the program was started as an argument of the loader (`ld.so ./app`): then that is
// the loader, and the kernel, which has loaded no interpreter, says so by AT_BASE.
void name_main_program(std::uintptr_t address, LoadedModule& module) {
  if (getauxval(AT_BASE) != 0) module.path = without_deleted_mark(read_link("/proc/self/exe"));
  if (!module.path.empty()) {
    module.file = "/proc/self/exe";
    return;
  }
  module.path = mapped_path(address);
  module.file = module.path;
}

void name_module(std::uintptr_t address, const Object& object, LoadedModule& module) {
  if (is_vdso(address, object)) {
    module.path = "[vdso]";
    return;
  }
  if (object.name == nullptr || *object.name == '\0') return name_main_program(address, module);
  module.path = object.name;
  // A relative path (LD_LIBRARY_PATH=.) means something else after a chdir().
  if (module.path.front() != '/') {
    std::string absolute = mapped_path(address);
    if (!absolute.empty()) module.path = std::move(absolute);
  }
  module.file = module.path;
}

}  // namespace

std::optional<LoadedModule> find_module(std::uintptr_t address) {
  Object object;
  if (!find_without_lock(address, object) && !find_by_walk(address, object)) return std::nullopt;
  const Elf64_Phdr* const text = find_segment(object, address);
  if (text == nullptr || (text->p_flags & PF_X) == 0) return std::nullopt;
  LoadedModule module;
  module.load_bias = object.load_bias;
  module.text_start = object.load_bias + text->p_vaddr;
  module.text_end = module.text_start + text->p_memsz;
  module.build_id = read_build_id(object);
  name_module(address, object, module);
  return module;
}

}  // namespace llmo::symbolizer
