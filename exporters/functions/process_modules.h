// The programs and libraries that a running process consists of, and its environment, from /proc.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/functions/inspect.h"

namespace llmo::functions {

struct ProcessModules {
  std::string problem;              // why nothing can be told; nothing else is known then
  std::string program;              // path of what runs
  std::vector<ModuleFile> modules;  // the program first, then in order of address
  bool has_library = false;         // libllmobserve.so is loaded
  bool environment_known = false;
  std::map<std::string, std::string, std::less<>> environment;  // as the process was started with
};

// Looks at a process without touching it. Files that were replaced or deleted since are read through /proc,
// where that is allowed; libraries are found through the process's own root directory.
ProcessModules read_process(pid_t pid);

// A file that is mapped with the right to run, as a line of /proc/PID/maps says (proc(5)).
struct MappedCode {
  std::string range;  // `7f12c0000000-7f12c0001000`
  std::string path;
  bool deleted = false;
};

// Of the text of /proc/PID/maps: each path once. Lines that are no such file, or damaged, are left out.
std::vector<MappedCode> parse_maps(std::string_view text);

}  // namespace llmo::functions
