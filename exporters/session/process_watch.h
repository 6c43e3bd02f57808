// Whether a process is still there.
//
// A process is named by its pid and its start time, as a pid alone is given out again. A pidfd tells of its
// end at once; where the kernel has none to give, /proc is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llmo::session {

class ProcessWatch {
 public:
  // `start`: field 22 of /proc/<pid>/stat, clock ticks after boot.
  ProcessWatch(std::uint32_t pid, std::uint64_t start);
  ProcessWatch(ProcessWatch&& other) noexcept;
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ProcessWatch& operator=(ProcessWatch&&) = delete;
  ~ProcessWatch();

  // False once all its threads have ended, whether or not its parent has waited for it; stays false.
  bool alive();

  // Of a process that is not alive any more: the signal that it died of. 0 where it was none, or where nobody
  // can tell by now: the kernel says it until the parent has waited for the process, and from Linux 6.15 on
  // after that, to those who held a pidfd.
  int fatal_signal() const;

  // Whether the process has a file of this name (without directory) mapped. Nothing where that cannot be
  // told.
  std::optional<bool> has_mapped(std::string_view file_name) const;

  // Becomes readable when the process ends; -1 where alive() has to be asked again and again.
  int pidfd() const { return pidfd_; }

 private:
  bool running_in_proc() const;

  std::uint32_t pid_;
  std::uint64_t start_;
  int pidfd_ = -1;
  bool gone_ = false;
};

}  // namespace llmo::session
