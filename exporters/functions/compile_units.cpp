#include "exporters/functions/compile_units.h"

#include <dwarf.h>

#include <algorithm>
#include <iterator>

namespace llmo::functions {

bool CompileUnit::by_clang() const { return producer.find("clang") != std::string::npos; }

bool CompileUnit::tells_options() const { return producer.find(" -") != std::string::npos; }

bool CompileUnit::has_option(const std::string& option) const {
  return producer.find(' ' + option) != std::string::npos;
}

CompileUnits::CompileUnits(std::vector<Dwarf_Die> units) {
  for (Dwarf_Die& die : units) {
    Dwarf_Addr base = 0;
    Dwarf_Addr low = 0;
    Dwarf_Addr high = 0;
    for (std::ptrdiff_t next = 0; (next = dwarf_ranges(&die, next, &base, &low, &high)) > 0;) {
      if (low < high) ranges_.push_back({low, high, units_.size()});
    }
    units_.push_back({text_of(die, DW_AT_name), text_of(die, DW_AT_producer)});
  }
  std::stable_sort(ranges_.begin(), ranges_.end(),
                   [](const Range& a, const Range& b) { return a.low < b.low; });
}

std::optional<std::size_t> CompileUnits::find(std::uint64_t address) const {
  const auto next =
      std::upper_bound(ranges_.begin(), ranges_.end(), address,
                       [](std::uint64_t wanted, const Range& range) { return wanted < range.low; });
  if (next == ranges_.begin() || address >= std::prev(next)->high) return std::nullopt;
  return std::prev(next)->unit;
}

}  // namespace llmo::functions
