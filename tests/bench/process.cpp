#include "tests/bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace llmo::bench {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const std::string& text : strings) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// Parent of a process, or -1: the second field after the name, which may hold anything but ends at the last
// ')'.
pid_t parent_of(const std::filesystem::path& process) {
  std::ifstream file{process / "stat"};
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos || line.size() < name_end + 5) return -1;
  return static_cast<pid_t>(std::strtol(line.c_str() + name_end + 4, nullptr, 10));
}

std::vector<pid_t> children_but(pid_t keep) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", error}) {
    const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (pid > 0 && pid != keep && parent_of(entry.path()) == getpid()) children.push_back(pid);
  }
  return children;
}

}  // namespace

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

pid_t start(const Command& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const std::vector<char*> arguments = pointers(command.arguments);
  const std::vector<char*> environment = pointers(command.environment);
  pid_t pid = -1;
  const int failure =
      posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  return failure == 0 ? pid : -1;
}

int wait_for(pid_t pid, std::chrono::milliseconds deadline) {
  // By number: the wrapper of glibc 2.36 is declared for C only.
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  pollfd ended{descriptor, POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(deadline.count())) == 0) kill(pid, SIGKILL);
  close(descriptor);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run(const Command& command, std::chrono::milliseconds deadline) {
  const pid_t pid = start(command);
  return pid < 0 ? -1 : wait_for(pid, deadline);
}

bool wait_for_orphans(pid_t keep, std::chrono::milliseconds deadline) {
  const auto last = std::chrono::steady_clock::now() + deadline;
  bool in_time = true;
  // Killing one may hand us its children, hence round after round until nothing is left.
  for (std::vector<pid_t> left = children_but(keep); !left.empty(); left = children_but(keep)) {
    in_time = std::chrono::steady_clock::now() < last;
    for (const pid_t pid : left) {
      if (!in_time) kill(pid, SIGKILL);
      waitpid(pid, nullptr, WNOHANG);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return in_time;
}

}  // namespace llmo::bench
