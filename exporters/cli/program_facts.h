// Whether a program can be traced, told before it runs, and why not.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/cli/elf_facts.h"

namespace llmo::cli {

struct ProgramFacts {
  std::string command;             // as it was typed
  std::string path;                // the file that the kernel runs; a script's interpreter. Empty: not found
  std::string script;              // the script, where the command is one
  int exec_error = 0;              // errno of what stands against running it: ENOENT, EACCES …; 0: nothing
  bool set_id = false;             // runs as another user or group, so the loader ignores preloads
  bool file_capabilities = false;  // the same for getcap(8)
  ElfFacts elf;
  std::vector<std::string> instrumented_libraries;  // needed directly and built with -finstrument-functions
  std::string libcurl;       // the libcurl that it needs directly: `libcurl.so.4`; empty: none
  std::string asan_runtime;  // path of the AddressSanitizer library that it needs; empty: none
};

// Looks at `command` as execvp() would find it with this process's PATH and LD_LIBRARY_PATH.
ProgramFacts inspect_program(const std::string& command);

// One thing that keeps spans away, as a sentence that begins with the subject and says what to do.
struct Obstacle {
  enum class Reach {
    kEverything,  // the library is not even loaded
    kFunctions,   // no workflow spans
    kApiCalls,    // no spans of API calls
  };
  Reach reach;
  std::string sentence;
};

// What stands in the way, the worst first. Empty where nothing is known to.
std::vector<Obstacle> obstacles(const ProgramFacts& facts);

}  // namespace llmo::cli
