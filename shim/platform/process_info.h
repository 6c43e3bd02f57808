// What names a process: pid and start time, its program.
#pragma once

#include <cstdint>
#include <string>

namespace llmo::platform {

struct ProcessInfo {
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint64_t start_ticks = 0;  // clock ticks after boot, field 22 of /proc/<pid>/stat; 0 without /proc
  std::uint64_t start_unix_nanos = 0;  // the same as Unix time, to a hundredth of a second
  std::string executable;              // path; empty without /proc
  std::uint64_t pid_namespace = 0;  // inode of /proc/<pid>/ns/pid, in which pids are counted; 0 without /proc
};

// Reads it for the calling process, by way of /proc.
ProcessInfo read_process_info();

}  // namespace llmo::platform
