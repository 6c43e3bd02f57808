#include "exporters/session/pid_namespace.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace llmo::session {
namespace {

std::uint64_t namespace_of(const std::string& process) {
  struct stat status {};
  return ::stat(("/proc/" + process + "/ns/pid").c_str(), &status) == 0 ? status.st_ino : 0;
}

// The last number behind `NSpid:` is the pid in the innermost namespace (proc(5)).
std::uint32_t innermost_pid(const std::string& process) {
  std::ifstream file("/proc/" + process + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("NSpid:")) continue;
    return static_cast<std::uint32_t>(std::strtoul(line.c_str() + line.find_last_of(" \t") + 1, nullptr, 10));
  }
  return 0;
}

// Whether `process`, a pid as we see it, is that one. Its start says it for good: the caller asks for that.
bool is_called(const std::string& process, std::uint32_t pid, std::uint64_t pid_namespace) {
  return namespace_of(process) == pid_namespace && innermost_pid(process) == pid;
}

// 0 where there is none.
std::uint32_t pid_here(std::uint32_t pid, std::uint64_t pid_namespace) {
  DIR* const processes = ::opendir("/proc");
  if (processes == nullptr) return 0;
  std::uint32_t found = 0;
  while (const dirent* const entry = ::readdir(processes)) {
    const auto here = static_cast<std::uint32_t>(std::strtoul(entry->d_name, nullptr, 10));
    if (here == 0 || !is_called(entry->d_name, pid, pid_namespace)) continue;
    found = here;
    break;
  }
  ::closedir(processes);
  return found;
}

}  // namespace

ProcessWatch watch_process(std::uint32_t pid, std::uint64_t start, std::uint64_t pid_namespace) {
  const bool is_ours = pid_namespace == 0 || pid_namespace == namespace_of("self");
  return ProcessWatch(is_ours ? pid : pid_here(pid, pid_namespace), start);
}

}  // namespace llmo::session
