// Whether a program can be traced, told before it runs, and why not.
#pragma once

#include <string>
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

  // Of the libraries that it needs, also by way of others:
  std::vector<std::string> instrumented_libraries;  // those that were built with -finstrument-functions
  std::vector<std::string> with_own_libcurl;  // those that have a libcurl linked into them, unseen by others
  std::vector<std::string> opening_namespaces;  // those that import dlmopen
  std::string libcurl;                          // the first libcurl: `libcurl.so.4`; empty: none
  std::string asan_runtime;                     // path of the AddressSanitizer library; empty: none
};

// A library that a program is started with.
struct Library {
  std::string name;  // as it is asked for
  std::string path;
  ElfFacts elf;
};

// In the loader's order: what `program` needs, then what those need. Libraries that are not found are left
// out.
std::vector<Library> needed_libraries(const ElfFacts& elf, const std::string& program);

// Looks at `command` as execvp() would find it with this process's PATH and LD_LIBRARY_PATH.
ProgramFacts inspect_program(const std::string& command);

// One thing that keeps spans away, as a sentence that begins with the subject and says what to do.
struct Obstacle {
  enum class Reach {
    kEverything,  // the library is not even loaded
    kFunctions,   // no workflow spans
    kApiCalls,    // no spans of API calls, or not of all
    kNamespaces,  // nothing of what is loaded in a certain way, if anything is
  };
  Reach reach;
  std::string sentence;
};

// What stands in the way, the worst first. Empty where nothing is known to.
std::vector<Obstacle> obstacles(const ProgramFacts& facts);

}  // namespace llmo::cli
