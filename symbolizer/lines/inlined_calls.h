// What the compiler inlined at an address, out of a function's debug information.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <string>
#include <vector>

namespace llmo::symbolizer {

struct InlinedCall {
  std::string symbol;               // mangled where it is known, else the plain name
  const char* call_file = nullptr;  // of the call that was replaced; null where it is not known
  int call_line = 0;                // 0: not known
};

// The inlined functions of `function` whose code covers `address`, the innermost first.
std::vector<InlinedCall> inlined_calls(Dwarf_Die& function, std::uint64_t address);

// The mangled name of a function, or its plain one; empty where it has neither.
std::string function_symbol(Dwarf_Die& function);

}  // namespace llmo::symbolizer
