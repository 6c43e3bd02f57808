// Whether a process is still there.
//
// A process is named by its pid and its start time, as a pid alone is given out again. A pidfd tells of its
// end at once; where the kernel has none to give, /proc is asked.
#pragma once

#include <cstdint>

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
