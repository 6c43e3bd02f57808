// Finds the row of a function that was inlined: by its own code, by its symbol (a function of a header has
// one description in each unit), or by where it is declared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "exporters/functions/inlined_calls.h"
#include "exporters/functions/module_report.h"

namespace llmo::functions {

// What the symbol of the function's own code may be. gcc describes all the kinds of a constructor or
// destructor as one (Itanium C++ ABI, 5.1.4.3: C1, C2, D0, D1, D2; `C4` and `D4` are gcc's own).
std::vector<std::string> symbols_of(const InlinedFunction& function);

class RowIndex {
 public:
  void add(const FunctionRow& row, std::size_t number);
  std::optional<std::size_t> find(const InlinedFunction& function) const;

  // Adds those of all the functions of a name.
  void add_addresses(const std::string& name, std::vector<std::uint64_t>& addresses) const;

 private:
  std::unordered_multimap<std::string, std::uint64_t> addresses_;
  std::unordered_map<std::uint64_t, std::size_t> by_address_;
  std::unordered_map<std::string, std::size_t> by_symbol_;
  std::map<std::tuple<std::string, std::string, std::uint32_t>, std::size_t> by_place_;
};

}  // namespace llmo::functions
