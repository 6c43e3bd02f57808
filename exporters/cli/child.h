// A program run as if it had been started without us in between: same process group and terminal, the same
// signals, the same end.
//
//   from the terminal (^C, ^\, hang-up)   the kernel sends them to the whole process group: nothing to do
//   sent to us by a process               passed on
//   job control (^Z, fg, bg)              reaches us as it reaches the program; one that stops itself in the
//                                         foreground takes us along, so that its shell sees it
//
// While a Child exists the signals that it passes on are blocked here and taken by sigtimedwait(): no handler
// runs, and none is lost between two steps.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "exporters/cli/environment.h"

namespace llmo::cli {

// One at a time in a process, in its only thread.
class Child {
 public:
  Child();
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Starts `argv` (not empty; found in PATH as execvp() does). Returns 0, or the errno of what failed.
  int start(const std::vector<std::string>& argv, Environment environment);

  // Waits for its end and returns its status as waitpid() gives it.
  int wait();

  // After wait(): sleeps. Returns false at once where a signal asked us to end.
  bool pause(std::chrono::milliseconds duration);

 private:
  [[noreturn]] void become(const std::vector<std::string>& argv, Environment& environment, int error_pipe);
  bool collect(int& status);
  void stop_along() const;
  void pass_on(const siginfo_t& info) const;

  pid_t pid_ = -1;
  sigset_t relayed_;
  sigset_t original_mask_;
  struct sigaction original_child_action_;
};

// Ends this process as `status` says: with its exit code, or by its signal and without a core dump of our
// own.
[[noreturn]] void end_like(int status);

}  // namespace llmo::cli
