// Which compiler made a piece of code, and with which options, as the debug information says.
//
// gcc writes its options down (DW_AT_producer, -grecord-gcc-switches, on by default), clang only its version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporters/functions/debug_entries.h"

namespace llmo::functions {

struct CompileUnit {
  std::string source;    // as the compiler was given it
  std::string producer;  // `GNU C++20 12.2.0 … -finstrument-functions`, `Debian clang version 14.0.6`

  bool by_clang() const;
  bool tells_options() const;
  bool has_option(const std::string& option) const;  // by its beginning; false where options are not told
};

class CompileUnits {
 public:
  CompileUnits() = default;
  explicit CompileUnits(std::vector<Dwarf_Die> units);

  // The number of the unit that the code at `address` comes from.
  std::optional<std::size_t> find(std::uint64_t address) const;

  const CompileUnit& operator[](std::size_t number) const { return units_[number]; }
  std::size_t size() const { return units_.size(); }

 private:
  struct Range {
    std::uint64_t low;
    std::uint64_t high;  // one past the last
    std::size_t unit;
  };
  std::vector<CompileUnit> units_;
  std::vector<Range> ranges_;  // sorted by `low`
};

}  // namespace llmo::functions
