// Names and places of code: what the modules of a process know of their addresses.
//
// The builder asks; who answers reads symbol tables and debug information (session/code_lookup.h), or is a
// test. All addresses are those of the ELF file. Answers may be costly: whoever asks keeps them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporters/span/definitions.h"

namespace llmo {

struct SourcePosition {
  std::string file;
  std::uint32_t line = 0;  // 0: unknown
};

// A function at an address: the one that the code belongs to, or one that the compiler inlined there.
struct CodeFrame {
  std::string function;  // qualified, without parameters; empty where nothing names it
  std::string own_name;  // the last part of it
  SourcePosition position{};
  std::uint64_t source_address = 0;  // what source_of() tells the function's source file by
};

class CodeLookup {
 public:
  CodeLookup() = default;
  CodeLookup(const CodeLookup&) = delete;
  CodeLookup& operator=(const CodeLookup&) = delete;
  virtual ~CodeLookup() = default;

  // Where the function at `address` is declared; nothing where debug information does not say.
  virtual std::optional<SourcePosition> declared_at(const ModuleDefinition& module,
                                                    std::uint64_t address) = 0;

  // What runs at `address`: inlined functions innermost first, then the function itself. Empty where nothing
  // is known.
  virtual std::vector<CodeFrame> frames_at(const ModuleDefinition& module, std::uint64_t address) = 0;

  // The source file of the code at `address` as the compiler wrote it down; empty where it is not known.
  virtual std::string source_of(const ModuleDefinition& module, std::uint64_t address) = 0;
};

}  // namespace llmo
