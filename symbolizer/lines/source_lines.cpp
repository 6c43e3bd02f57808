#include "symbolizer/lines/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <libelf.h>
#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "symbolizer/debug_file.h"
#include "symbolizer/elf_image.h"

namespace llmo::symbolizer {

namespace {

// Addresses of one compilation unit.
struct UnitRange {
  std::uint64_t low;
  std::uint64_t high;  // one past the last
  Dwarf_Off unit;      // its DIE
};

bool ends_before(const UnitRange& range, std::uint64_t address) { return range.high <= address; }

// The address ranges of all units, from the units themselves: .debug_aranges, which dwarf_addrdie() wants, is
// written by gcc and not by clang.
std::vector<UnitRange> read_units(Dwarf* dwarf) {
  std::vector<UnitRange> ranges;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  Dwarf_Die split;
  while (dwarf_get_units(dwarf, unit, &unit, nullptr, nullptr, &die, &split) == 0) {
    Dwarf_Addr base = 0;
    Dwarf_Addr low = 0;
    Dwarf_Addr high = 0;
    for (std::ptrdiff_t next = 0; (next = dwarf_ranges(&die, next, &base, &low, &high)) > 0;) {
      if (low != 0 && low < high) ranges.push_back({low, high, dwarf_dieoffset(&die)});
    }
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const UnitRange& a, const UnitRange& b) { return a.high < b.high; });
  return ranges;
}

// Addresses of one function of a unit.
struct FunctionRange {
  std::uint64_t low;
  std::uint64_t high;  // one past the last
  Dwarf_Die die;
};
using Functions = std::vector<FunctionRange>;

int add_function(Dwarf_Die* function, void* functions) {
  Dwarf_Addr base = 0;
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  for (std::ptrdiff_t next = 0; (next = dwarf_ranges(function, next, &base, &low, &high)) > 0;) {
    if (low < high) static_cast<Functions*>(functions)->push_back({low, high, *function});
  }
  return DWARF_CB_OK;
}

// All functions of a unit, sorted by address: a unit is walked once, not once for each question.
Functions read_functions(Dwarf_Die* unit) {
  Functions functions;
  dwarf_getfuncs(unit, add_function, &functions, 0);
  std::stable_sort(functions.begin(), functions.end(),
                   [](const FunctionRange& a, const FunctionRange& b) { return a.low < b.low; });
  return functions;
}

Dwarf_Die* find_function(Functions& functions, std::uint64_t address) {
  const auto next =
      std::upper_bound(functions.begin(), functions.end(), address,
                       [](std::uint64_t wanted, const FunctionRange& range) { return wanted < range.low; });
  if (next == functions.begin() || address >= std::prev(next)->high) return nullptr;
  return &std::prev(next)->die;
}

std::optional<SourceLocation> location(const char* file, int line) {
  if (file == nullptr || *file == '\0' || line <= 0) return std::nullopt;
  return SourceLocation{file, static_cast<std::uint32_t>(line)};
}

// The file that a DW_AT_decl_file names. Not by dwarf_decl_file(), which stops the process on a split unit
// whose files it has not read yet (elfutils 0.188, an assert).
const char* declared_file(Dwarf_Attribute* attribute) {
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

// dwarf_attr_integrate() follows a definition outside its class to the class, a copy to what it is a copy of.
std::optional<SourceLocation> declared_at(Functions& functions, std::uint64_t address) {
  Dwarf_Die* const function = find_function(functions, address);
  int line = 0;
  Dwarf_Attribute attribute;
  if (function == nullptr || dwarf_decl_line(function, &line) != 0) return std::nullopt;
  if (dwarf_attr_integrate(function, DW_AT_decl_file, &attribute) == nullptr) return std::nullopt;
  return location(declared_file(&attribute), line);
}

std::optional<SourceLocation> line_at(Dwarf_Die* unit, std::uint64_t address) {
  Dwarf_Line* const row = dwarf_getsrc_die(unit, address);
  int line = 0;
  if (row == nullptr || dwarf_lineno(row, &line) != 0) return std::nullopt;
  return location(dwarf_linesrc(row, nullptr, nullptr), line);
}

// A path may be relative to the directory that the compiler ran in, which the unit names.
void make_absolute(std::string& path, Dwarf_Die* unit) {
  Dwarf_Attribute attribute;
  const char* const directory = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
  if (directory != nullptr && path.front() != '/') path = std::string(directory) + '/' + path;
}

}  // namespace

// An open file, or the memory that it could not be opened: then `dwarf` is null.
struct SourceLines::Module {
  Module(const std::string& module_path, BuildIdView wanted)
      : path(module_path), build_id(wanted.begin(), wanted.end()) {
    image = ElfImage::open(path.c_str());
    if (!image || (!build_id.empty() && !same_build_id(image->build_id(), build_id))) return;
    if (open_dwarf(*image)) return;
    debug_file = open_debug_file(*image, path);
    if (debug_file) open_dwarf(*debug_file);
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module() {
    dwarf_end(dwarf);
    elf_end(elf);
  }

  bool is(const std::string& other_path, BuildIdView other_build_id) const {
    return path == other_path && same_build_id(build_id, other_build_id);
  }

  bool open_dwarf(const ElfImage& file);
  std::optional<SourceLocation> find(std::uint64_t address);
  Functions& functions_of(Dwarf_Die* unit);

  std::string path;
  BuildId build_id;
  std::optional<ElfImage> image;
  std::optional<ElfImage> debug_file;
  Elf* elf = nullptr;
  Dwarf* dwarf = nullptr;
  std::vector<UnitRange> units;          // sorted by `high`
  std::map<void*, Functions> functions;  // of the units that were asked for, by where their DIE lies
};

// From the bytes that were checked, not from the path again. They are a private mapping, made writable as
// libelf changes a section's header in place when it decompresses it.
bool SourceLines::Module::open_dwarf(const ElfImage& file) {
  const Bytes bytes = file.bytes();
  auto* const start = reinterpret_cast<char*>(const_cast<std::byte*>(bytes.data()));
  if (mprotect(start, bytes.size(), PROT_READ | PROT_WRITE) != 0) return false;
  elf = elf_memory(start, bytes.size());
  dwarf = elf == nullptr ? nullptr : dwarf_begin_elf(elf, DWARF_C_READ, nullptr);
  if (dwarf != nullptr) units = read_units(dwarf);
  if (!units.empty()) return true;
  dwarf_end(dwarf);
  elf_end(elf);
  dwarf = nullptr;
  elf = nullptr;
  return false;
}

Functions& SourceLines::Module::functions_of(Dwarf_Die* unit) {
  const auto [known, is_new] = functions.try_emplace(unit->addr);
  if (is_new) known->second = read_functions(unit);
  return known->second;
}

std::optional<SourceLocation> SourceLines::Module::find(std::uint64_t address) {
  const auto range = std::lower_bound(units.begin(), units.end(), address, ends_before);
  Dwarf_Die unit;
  if (range == units.end() || address < range->low) return std::nullopt;
  if (dwarf_offdie(dwarf, range->unit, &unit) == nullptr) return std::nullopt;
  Dwarf_Die split;  // the unit's part in a .dwo file, if it has one
  const bool is_split =
      dwarf_cu_info(unit.cu, nullptr, nullptr, nullptr, &split, nullptr, nullptr, nullptr) == 0 &&
      split.addr != nullptr;
  auto found = is_split ? declared_at(functions_of(&split), address) : std::nullopt;
  if (!found) found = declared_at(functions_of(&unit), address);
  if (!found) found = line_at(&unit, address);
  if (found) make_absolute(found->file, &unit);
  return found;
}

SourceLines::SourceLines(std::size_t max_modules) : max_modules_(std::max<std::size_t>(max_modules, 1)) {
  elf_version(EV_CURRENT);
}

SourceLines::~SourceLines() = default;

SourceLines::Module& SourceLines::module(const std::string& path, BuildIdView build_id) {
  const auto known = std::find_if(modules_.begin(), modules_.end(),
                                  [&](const auto& module) { return module->is(path, build_id); });
  if (known != modules_.end()) {
    modules_.splice(modules_.begin(), modules_, known);
  } else {
    modules_.push_front(std::make_unique<Module>(path, build_id));
    if (modules_.size() > max_modules_) modules_.pop_back();
  }
  return *modules_.front();
}

std::optional<SourceLocation> SourceLines::find(const std::string& module_path, BuildIdView build_id,
                                                std::uint64_t elf_address) {
  return module(module_path, build_id).find(elf_address);
}

}  // namespace llmo::symbolizer
