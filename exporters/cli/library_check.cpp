#include "exporters/cli/library_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "exporters/cli/environment.h"

namespace llmo::cli {
namespace {

constexpr const char* kTrialProgram = "/bin/true";

std::string read_all(int fd) {
  std::string text;
  char buffer[1024];
  for (;;) {
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

int spawn_trial(const std::string& library, int error_fd, pid_t& pid) {
  Environment environment(environ);
  environment.set("LD_PRELOAD", library);
  environment.set("LD_BIND_NOW", "1");
  environment.set("LLMOBSERVE_ENABLED", "false");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, error_fd, STDERR_FILENO);
  char name[] = "true";
  char* const argv[] = {name, nullptr};
  const int error =
      ::posix_spawn(&pid, kTrialProgram, &actions, nullptr, argv, environment.pointers().data());
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string ending(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("{} with it was ended by signal {}", kTrialProgram, WTERMSIG(status));
  if (WEXITSTATUS(status) == 0) return {};
  return fmt::format("{} with it ended with exit code {}", kTrialProgram, WEXITSTATUS(status));
}

}  // namespace

PreloadTrial try_preload(const std::string& library) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {false, std::strerror(errno)};
  pid_t pid = -1;
  const int error = spawn_trial(library, ends[1], pid);
  ::close(ends[1]);
  PreloadTrial trial;
  int status = 0;
  if (error != 0) {
    trial.complaint = std::strerror(error);
  } else {
    trial.complaint = read_all(ends[0]);
    ::waitpid(pid, &status, 0);
    if (trial.complaint.empty()) trial.complaint = ending(status);
  }
  ::close(ends[0]);
  trial.works = trial.complaint.empty();
  return trial;
}

}  // namespace llmo::cli
