#include "symbolizer/lines/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "symbolizer/debug_file.h"
#include "symbolizer/elf_image.h"
#include "symbolizer/lines/dwarf_file.h"
#include "symbolizer/lines/inlined_calls.h"

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

// dwarf_attr_integrate() follows a definition outside its class to the class, a copy to what it is a copy of.
std::optional<SourceLocation> declared_at(Functions& functions, std::uint64_t address) {
  Dwarf_Die* const function = find_function(functions, address);
  int line = 0;
  Dwarf_Attribute attribute;
  if (function == nullptr || dwarf_decl_line(function, &line) != 0) return std::nullopt;
  if (dwarf_attr_integrate(function, DW_AT_decl_file, &attribute) == nullptr) return std::nullopt;
  return location(numbered_file(&attribute), line);
}

std::optional<SourceLocation> line_at(Dwarf_Die* unit, std::uint64_t address) {
  Dwarf_Line* const row = dwarf_getsrc_die(unit, address);
  int line = 0;
  if (row == nullptr || dwarf_lineno(row, &line) != 0) return std::nullopt;
  return location(dwarf_linesrc(row, nullptr, nullptr), line);
}

void make_absolute(std::optional<SourceLocation>& found, Dwarf_Die* unit) {
  if (found) found->file = absolute_path(std::move(found->file), unit);
}

// A unit of the module, and its part in a .dwo file where it is split: `split.addr` is null where it is not.
struct Unit {
  Dwarf_Die die;
  Dwarf_Die split;
};

}  // namespace

// An open file, or the memory that it could not be opened: then it has no units.
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

  bool is(const std::string& other_path, BuildIdView other_build_id) const {
    return path == other_path && same_build_id(build_id, other_build_id);
  }

  bool open_dwarf(const ElfImage& file);
  std::optional<Unit> unit_at(std::uint64_t address) const;
  std::optional<SourceLocation> find(std::uint64_t address);
  std::vector<SourceFrame> frames(std::uint64_t address);
  Functions& functions_of(Dwarf_Die* unit);

  std::string path;
  BuildId build_id;
  std::optional<ElfImage> image;
  std::optional<ElfImage> debug_file;
  std::optional<DwarfFile> dwarf;
  std::vector<UnitRange> units;          // sorted by `high`
  std::map<void*, Functions> functions;  // of the units that were asked for, by where their DIE lies
};

bool SourceLines::Module::open_dwarf(const ElfImage& file) {
  auto opened = DwarfFile::open(file);
  if (opened) units = read_units(opened->get());
  if (units.empty()) return false;
  dwarf = std::move(opened);
  return true;
}

Functions& SourceLines::Module::functions_of(Dwarf_Die* unit) {
  const auto [known, is_new] = functions.try_emplace(unit->addr);
  if (is_new) known->second = read_functions(unit);
  return known->second;
}

std::optional<Unit> SourceLines::Module::unit_at(std::uint64_t address) const {
  const auto range = std::lower_bound(units.begin(), units.end(), address, ends_before);
  Unit unit{};
  if (range == units.end() || address < range->low) return std::nullopt;
  if (dwarf_offdie(dwarf->get(), range->unit, &unit.die) == nullptr) return std::nullopt;
  if (dwarf_cu_info(unit.die.cu, nullptr, nullptr, nullptr, &unit.split, nullptr, nullptr, nullptr) != 0) {
    unit.split.addr = nullptr;
  }
  return unit;
}

std::optional<SourceLocation> SourceLines::Module::find(std::uint64_t address) {
  auto unit = unit_at(address);
  if (!unit) return std::nullopt;
  auto found = unit->split.addr != nullptr ? declared_at(functions_of(&unit->split), address) : std::nullopt;
  if (!found) found = declared_at(functions_of(&unit->die), address);
  if (!found) found = line_at(&unit->die, address);
  make_absolute(found, &unit->die);
  return found;
}

// The line that runs is that of the innermost function; each inlined one says where it was called in the
// next.
std::vector<SourceFrame> SourceLines::Module::frames(std::uint64_t address) {
  auto unit = unit_at(address);
  if (!unit) return {};
  Dwarf_Die* function =
      unit->split.addr != nullptr ? find_function(functions_of(&unit->split), address) : nullptr;
  if (function == nullptr) function = find_function(functions_of(&unit->die), address);
  std::vector<SourceFrame> frames;
  auto at = line_at(&unit->die, address);
  if (function != nullptr) {
    for (InlinedCall& call : inlined_calls(*function, address)) {
      frames.push_back({std::move(call.symbol), std::move(at)});
      at = location(call.call_file, call.call_line);
    }
  }
  frames.push_back({function == nullptr ? std::string() : function_symbol(*function), std::move(at)});
  for (SourceFrame& frame : frames) make_absolute(frame.at, &unit->die);
  return frames;
}

SourceLines::SourceLines(std::size_t max_modules) : max_modules_(std::max<std::size_t>(max_modules, 1)) {}

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

std::vector<SourceFrame> SourceLines::frames(const std::string& module_path, BuildIdView build_id,
                                             std::uint64_t elf_address) {
  return module(module_path, build_id).frames(elf_address);
}

}  // namespace llmo::symbolizer
