// Starting, waiting for and stopping the processes of a test. See process.h.
#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/temp_dir.h"

namespace llmo::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> assignments(const Environment& environment) {
  std::vector<std::string> result;
  for (const auto& [name, value] : environment) result.emplace_back(name).append("=").append(value);
  return result;
}

void redirect(int target, const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(126);
  ::close(fd);
}

// Between fork and exec; only what signal-safety(7) allows. The group lets a timeout take the grandchildren
// too.
[[noreturn]] void become(char* const* argv, char* const* envp, const std::string& files,
                         const char* directory) {
  ::setpgid(0, 0);
  redirect(0, files + "/in", O_RDONLY);
  redirect(1, files + "/out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  redirect(2, files + "/err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  if (*directory != '\0' && ::chdir(directory) != 0) ::_exit(126);
  ::execvpe(argv[0], argv, envp);
  ::_exit(127);
}

pid_t start(const Command& command, const std::string& files) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = assignments(command.environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const std::string directory = command.directory.string();
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), envp.data(), files, directory.c_str());
  if (pid < 0) throw std::runtime_error("fork failed: " + std::string(std::strerror(errno)));
  return pid;
}

// True when the process behind `pidfd` has ended, false at the deadline.
bool ended_before(int pidfd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
    pollfd wait{pidfd, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(left > 0 ? left : 0));
    if (ready > 0) return true;
    if (ready == 0 && left <= 0) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void take_status(pid_t pid, Finished& finished) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
}

}  // namespace

Environment clean_environment() {
  Environment result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    const bool steers = name.starts_with("LLMOBSERVE_") || name.starts_with("OTEL_") ||
                        name == "LD_PRELOAD" || name == "TRACEPARENT" || name == "TRACESTATE" ||
                        name == "BAGGAGE";
    if (!steers && name.size() < text.size()) result[name] = text.substr(name.size() + 1);
  }
  return result;
}

Finished run_command(const Command& command) {
  const TempDir files;
  write_text(files.path() / "in", command.input);

  Finished finished;
  const Clock::time_point began = Clock::now();
  finished.pid = start(command, files.path().string());
  // As in the child: whichever of the two comes first, the group is there when a timeout wants to kill it.
  ::setpgid(finished.pid, finished.pid);
  // By number: the header of glibc 2.36 declares pidfd_open() without C linkage.
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, finished.pid, 0));

  if (command.while_running) command.while_running(finished.pid);
  if (command.kill_after && !ended_before(pidfd, began + *command.kill_after)) ::kill(finished.pid, SIGKILL);
  const bool in_time = ended_before(pidfd, began + command.timeout);
  if (!in_time) ::kill(-finished.pid, SIGKILL);
  take_status(finished.pid, finished);
  ::close(pidfd);

  finished.duration = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
  finished.out = read_text(files.path() / "out");
  finished.err = read_text(files.path() / "err");
  if (!in_time) {
    throw std::runtime_error(command.argv[0] + " did not end within " +
                             std::to_string(command.timeout.count()) + " ms; stdout: " + finished.out +
                             "; stderr: " + finished.err);
  }
  return finished;
}

bool wait_until(const std::function<bool()>& condition, milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  // Short at first, as most things are quick; then longer, to leave the processor to what is waited for.
  milliseconds pause{1};
  while (!condition()) {
    if (Clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, milliseconds{20});
  }
  return true;
}

std::vector<pid_t> processes_with_argument(const std::string& text) {
  std::vector<pid_t> result;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ptr != name.data() + name.size() || pid == ::getpid()) continue;
    if (read_text(entry.path() / "cmdline").find(text) != std::string::npos) result.push_back(pid);
  }
  return result;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace llmo::test
