#include "symbolizer/lines/inlined_calls.h"

#include <dwarf.h>

#include <algorithm>

#include "symbolizer/lines/dwarf_file.h"

namespace llmo::symbolizer {

namespace {

// Far beyond what compilers make; a damaged tree may refer to itself.
constexpr int kMaxDepth = 256;
constexpr int kMaxSteps = 100'000;

bool may_hold_inlined(Dwarf_Die& die) {
  const int tag = dwarf_tag(&die);
  return tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block;
}

// The child of `parent` whose code covers `address`.
bool find_child(Dwarf_Die& parent, std::uint64_t address, int& steps, Dwarf_Die& found) {
  if (dwarf_child(&parent, &found) != 0) return false;
  do {
    if (may_hold_inlined(found) && dwarf_haspc(&found, address) == 1) return true;
  } while (--steps > 0 && dwarf_siblingof(&found, &found) == 0);
  return false;
}

InlinedCall call_of(Dwarf_Die& inlined) {
  InlinedCall call{function_symbol(inlined), nullptr, 0};
  Dwarf_Attribute attribute;
  Dwarf_Word line = 0;
  if (dwarf_attr(&inlined, DW_AT_call_line, &attribute) != nullptr &&
      dwarf_formudata(&attribute, &line) == 0 && line <= INT32_MAX) {
    call.call_line = static_cast<int>(line);
  }
  if (dwarf_attr(&inlined, DW_AT_call_file, &attribute) != nullptr)
    call.call_file = numbered_file(&attribute);
  return call;
}

}  // namespace

std::string function_symbol(Dwarf_Die& function) {
  Dwarf_Attribute attribute;
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name}) {
    const char* const text = dwarf_formstring(dwarf_attr_integrate(&function, name, &attribute));
    if (text != nullptr && *text != '\0') return text;
  }
  return {};
}

std::vector<InlinedCall> inlined_calls(Dwarf_Die& function, std::uint64_t address) {
  std::vector<InlinedCall> calls;
  Dwarf_Die parent = function;
  Dwarf_Die child;
  int steps = kMaxSteps;
  for (int depth = 0; depth < kMaxDepth && find_child(parent, address, steps, child); ++depth) {
    if (dwarf_tag(&child) == DW_TAG_inlined_subroutine) calls.push_back(call_of(child));
    parent = child;
  }
  std::reverse(calls.begin(), calls.end());
  return calls;
}

}  // namespace llmo::symbolizer
