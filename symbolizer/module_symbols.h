// All that is known of the functions of one program or library: names, and source files.
//
// Opening maps the file and no more. The symbol index is made at the first find(), the line programs are read
// at the first source_file(), each from the file itself or else from its separate debug file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "symbolizer/elf_image.h"
#include "symbolizer/function_name.h"
#include "symbolizer/line_table.h"
#include "symbolizer/module_map.h"
#include "symbolizer/symbol_table.h"

namespace llmo::symbolizer {

struct NamedFunction {
  FunctionName name;
  std::string_view mangled;   // the symbol, a view that lives as long as the ModuleSymbols
  std::uint64_t address = 0;  // where the function starts, in the ELF file
  bool exact = false;         // the address asked for is where it starts
};

// Threads: one at a time. Signals: not safe, it reads files and allocates. Descriptors are closed again at
// once; the mappings stay until it is destroyed.
class ModuleSymbols {
 public:
  // Nothing where the file cannot be read, or is not what runs: `build_id` not empty and the file's another
  // one.
  static std::optional<ModuleSymbols> open(const std::string& path, BuildIdView build_id);
  static std::optional<ModuleSymbols> open(const LoadedModule& module);

  // The function that covers `elf_address` (run-time address - load bias). Nothing in stripped code.
  std::optional<NamedFunction> find(std::uint64_t elf_address);

  // All of them, for a search of one's own. Lives as long as the ModuleSymbols.
  const SymbolTable& functions() { return symbols(); }

  // The source file of the code at `elf_address`, as the compiler wrote it down; often relative to the
  // directory of the build. From .debug_line, else, for a local function, the bare name that .symtab has.
  // Costly the first time: call it for the functions that need it.
  std::optional<std::string> source_file(std::uint64_t elf_address);

 private:
  ModuleSymbols(ElfImage image, std::string path) : image_(std::move(image)), path_(std::move(path)) {}

  static std::optional<ModuleSymbols> open_file(const std::string& file, const std::string& path,
                                                BuildIdView build_id);
  const ElfImage* debug_file();
  const SymbolTable& symbols();
  LineTable& lines();

  ElfImage image_;
  std::string path_;
  bool debug_file_sought_ = false;
  std::optional<ElfImage> debug_file_;
  std::optional<SymbolTable> symbols_;
  std::optional<LineTable> lines_;
};

}  // namespace llmo::symbolizer
