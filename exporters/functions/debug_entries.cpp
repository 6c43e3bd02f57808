#include "exporters/functions/debug_entries.h"

#include <cstddef>

namespace llmo::functions {
namespace {

using symbolizer::DwarfFile;
using symbolizer::ElfImage;

// The format lets a sibling stand anywhere; one that stands before would never end.
bool is_behind(Dwarf_Die& later, Dwarf_Die& earlier) {
  return dwarf_dieoffset(&later) > dwarf_dieoffset(&earlier) && later.cu == earlier.cu;
}

}  // namespace

std::optional<DwarfFile> open_debug_info(const ElfImage& image, const ElfImage* debug_file) {
  for (const ElfImage* const file : {&image, debug_file}) {
    auto dwarf = file == nullptr ? std::nullopt : DwarfFile::open(*file);
    if (dwarf && !units_of(*dwarf).empty()) return dwarf;
  }
  return std::nullopt;
}

std::vector<Dwarf_Die> units_of(const DwarfFile& file) {
  std::vector<Dwarf_Die> units;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  Dwarf_Die split;
  while (dwarf_get_units(file.get(), unit, &unit, nullptr, nullptr, &die, &split) == 0) {
    units.push_back(split.addr != nullptr ? split : die);
  }
  return units;
}

bool DieWalk::next(bool descend) {
  constexpr std::size_t kMaxDepth = 256;
  Dwarf_Die following;
  if (descend && path_.size() < kMaxDepth && dwarf_child(&path_.back(), &following) == 0 &&
      is_behind(following, path_.back())) {
    path_.push_back(following);
    return true;
  }
  for (; path_.size() > 1; path_.pop_back()) {
    if (dwarf_siblingof(&path_.back(), &following) == 0 && is_behind(following, path_.back())) {
      path_.back() = following;
      return true;
    }
  }
  return false;
}

std::string text_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  const char* const text = dwarf_formstring(dwarf_attr_integrate(&die, attribute, &found));
  return text == nullptr ? std::string() : std::string(text);
}

std::optional<std::uint64_t> number_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Word number = 0;
  if (dwarf_formudata(dwarf_attr_integrate(&die, attribute, &found), &number) != 0) return std::nullopt;
  return number;
}

std::optional<Dwarf_Die> referred_by(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Die target;
  if (dwarf_attr(&die, attribute, &found) == nullptr) return std::nullopt;
  if (dwarf_formref_die(&found, &target) == nullptr) return std::nullopt;
  return target;
}

std::uint64_t code_start(Dwarf_Die& die) {
  Dwarf_Addr base = 0;
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  return dwarf_ranges(&die, 0, &base, &low, &high) > 0 ? low : 0;
}

std::string file_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Die unit;
  if (dwarf_attr_integrate(&die, attribute, &found) == nullptr) return {};
  const char* const name = symbolizer::numbered_file(&found);
  if (name == nullptr ||
      dwarf_cu_die(found.cu, &unit, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr) == nullptr) {
    return {};
  }
  return symbolizer::absolute_path(name, &unit);
}

}  // namespace llmo::functions
