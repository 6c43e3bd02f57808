// All functions of an ELF file: where their code lies, and what the symbols call them.
//
// Names come from where the library in the host takes them: the symbol table, else that of the separate debug
// file, else the symbols that are exported. In a stripped file the unwind table (.eh_frame_hdr, System V
// psABI (AMD64) 4.2.4; LSB 10.6.2) still tells where functions begin, which have no name then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/functions/code_map.h"
#include "symbolizer/elf_image.h"

namespace llmo::functions {

enum class NameSource { kSymbolTable, kDebugFile, kExportsOnly, kNone };

// What a symbol is, going by what compilers append to its name.
enum class Part {
  kWhole,      // a function
  kPiece,      // of a function that has another symbol: `.cold`, `.part.0`, `.constprop.0`
  kCoroutine,  // what runs at each resume (`.actor`, `.resume`), or at the end, of a coroutine
};

struct Function {
  std::uint64_t address = 0;
  std::uint64_t end = 0;    // one past its last byte, as far as is known
  std::string_view symbol;  // mangled; a view of the image; empty: it has no name
  Part part = Part::kWhole;
};

struct FunctionList {
  NameSource names = NameSource::kNone;
  std::vector<Function> functions;  // sorted by address, each address once
};

// `debug_file` may be null. Both must outlive the list.
FunctionList list_functions(const symbolizer::ElfImage& image, const symbolizer::ElfImage* debug_file,
                            const CodeMap& code);

// `_Z4plani` of `_Z4plani.constprop.0`: the symbol of the function that a symbol is a part of. Itself where
// it is none.
std::string whole_symbol(std::string_view symbol);

}  // namespace llmo::functions
