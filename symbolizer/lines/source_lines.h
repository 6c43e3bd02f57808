// Where functions are written and what was inlined into them: file and line, from the debug information of a
// program or library.
//
// For the exporter only: it stands on elfutils' libdw, which is too big for a host. Separate debug files are
// found as debug_file.h says; libdwfl is not used for that, as it asks debuginfod servers where the
// environment names some, and an exporter must not wait for a network that nobody told it to use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbolizer/build_id.h"

namespace llmo::symbolizer {

struct SourceLocation {
  std::string file;        // absolute where the compiler has recorded its directory
  std::uint32_t line = 0;  // from 1

  friend bool operator==(const SourceLocation&, const SourceLocation&) = default;
};

// A function whose code lies at an address, by having been inlined there or as the one that holds it.
struct SourceFrame {
  std::string symbol;  // mangled where debug information has that, else the plain name; empty where neither
  std::optional<SourceLocation> at;  // the line that runs, or the line of the call of what is inlined into it
};

// Keeps the modules that were asked for last open, `max_modules` of them. Threads: one at a time.
class SourceLines {
 public:
  static constexpr std::size_t kDefaultMaxModules = 64;

  explicit SourceLines(std::size_t max_modules = kDefaultMaxModules);
  SourceLines(const SourceLines&) = delete;
  SourceLines& operator=(const SourceLines&) = delete;
  ~SourceLines();

  // Where the function that covers `elf_address` (run-time address - load bias) of the module is declared;
  // where its debug information does not say, the line of the code at `elf_address`.
  //
  // Nothing without debug information, and nothing where the file at `module_path` is by now another one than
  // ran: `build_id` not empty and the file's another. Damaged files give nothing.
  std::optional<SourceLocation> find(const std::string& module_path, BuildIdView build_id,
                                     std::uint64_t elf_address);

  // What runs at `elf_address`: inlined functions, the innermost first, then the function that holds them.
  // Empty where find() would give nothing.
  std::vector<SourceFrame> frames(const std::string& module_path, BuildIdView build_id,
                                  std::uint64_t elf_address);

 private:
  struct Module;

  Module& module(const std::string& path, BuildIdView build_id);

  std::size_t max_modules_;
  std::list<std::unique_ptr<Module>> modules_;  // the one used last stands first
};

}  // namespace llmo::symbolizer
