// How the code of one ELF file reaches __cyg_profile_func_enter, and the other words that its loader fills
// in.
//
//   call stub      stub: jmp *slot(%rip)      the procedure linkage table, in one of its many layouts
//   call *slot(%rip)                          -fno-plt
//   call hook                                 a hook of its own
//
// A slot is a word for which a relocation asks the loader for the function's address (System V psABI (AMD64)
// 4.4.1: R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64). Stubs are found by the jump through the slot,
// not by where a linker is known to put them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "exporters/functions/code_map.h"
#include "symbolizer/elf_image.h"

namespace llmo::functions {

struct HookReferences {
  bool imports_enter = false;  // has symbols that it takes from elsewhere
  bool imports_exit = false;
  bool defines_enter = false;  // brings hooks of its own

  std::vector<std::uint64_t> targets;  // where a call leads to the enter hook: stubs, its own hook. Sorted
  std::vector<std::uint64_t> slots;    // words that hold the enter hook's address. Sorted

  // Words of the global offset table and the function in this file that each of them holds, sorted.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pointers;

  bool any() const { return imports_enter || defines_enter; }
  bool is_target(std::uint64_t address) const;
  bool is_slot(std::uint64_t address) const;
  std::optional<std::uint64_t> pointer_at(std::uint64_t address) const;
};

HookReferences find_hook_references(const symbolizer::ElfImage& image, const CodeMap& code);

}  // namespace llmo::functions
