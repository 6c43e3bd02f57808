// Functions that the compiler put into their callers, and where.
//
// Debug information describes such a function once (DW_AT_inline), and every place that holds a copy of it
// refers to that (DW_TAG_inlined_subroutine; DWARF 5, 3.3.8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exporters/functions/debug_entries.h"
#include "symbolizer/function_name.h"

namespace llmo::functions {

// A place that holds a copy.
struct InlinePlace {
  std::string caller;  // qualified name of the function around it
  std::string file;    // where the call is written; empty and 0 where that is not known
  std::uint32_t line = 0;
};

struct InlinedFunction {
  // What is kept in full of the places; all are in `bodies`.
  static constexpr std::size_t kMaxPlaces = 16;

  symbolizer::FunctionName name;
  std::string symbol;  // empty where debug information has none: gcc's local functions
  std::string file;    // where it is declared
  std::uint32_t line = 0;
  std::uint64_t address = 0;          // of its own code; 0 where it has none or that is not known
  std::uint64_t copy = 0;             // where the first copy lies
  std::vector<InlinePlace> places;    // the first ones
  std::vector<std::uint64_t> bodies;  // for each copy, the address of the function whose code it is part of
};

// Says whether a function is asked about. It is called once for each that the compiler might have inlined.
using WantsFunction = std::function<bool(const symbolizer::FunctionName& name)>;

// The functions that are asked about and have copies somewhere.
std::vector<InlinedFunction> find_inlined(const std::vector<Dwarf_Die>& units, const WantsFunction& wants);

}  // namespace llmo::functions
