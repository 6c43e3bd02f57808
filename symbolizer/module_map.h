// Which program or library an address of this process belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "symbolizer/build_id.h"

namespace llmo::symbolizer {

// An ELF object in this process's memory.
struct LoadedModule {
  std::string path;  // as people know it; relative only where nothing better is known; `[vdso]` for the vDSO
  std::string file;  // what to open to read it; empty where there is no file
  std::uint64_t load_bias = 0;  // run-time address = load_bias + address in the ELF file
  std::uint64_t text_start =
      0;  // run-time addresses of the executable segment that holds the address asked for
  std::uint64_t text_end = 0;
  BuildId build_id;  // from memory: that of the code which runs, whatever is on disk by now
};

// Nothing for an address outside the code of every loaded object (JIT code, data, a stack).
//
// The main program's `file` is /proc/self/exe, which leads to it even when it was moved, replaced or deleted.
// Threads: any. Signals: not safe, it allocates. May take the loader's lock where the C library has no
// _dl_find_object() (glibc before 2.35) or that does not know the address.
std::optional<LoadedModule> find_module(std::uintptr_t address);

}  // namespace llmo::symbolizer
