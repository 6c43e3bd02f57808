// Starting, waiting for and stopping the processes of a test. See process.h.
#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
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

// A shell can trap no signal that it finds ignored, and nohup(1) has whoever runs the tests ignore one.
void stop_ignoring_signals() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD}) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) ::signal(number, SIG_DFL);
  }
}

// Between fork and exec; only what signal-safety(7) allows. The group lets a timeout take the grandchildren
// too.
[[noreturn]] void become(char* const* argv, char* const* envp, const std::string& files,
                         const char* directory, int signal_with_us) {
  ::setpgid(0, 0);
  stop_ignoring_signals();
  ::prctl(PR_SET_PDEATHSIG, signal_with_us);
  redirect(0, files + "/in", O_RDONLY);
  redirect(1, files + "/out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  redirect(2, files + "/err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  if (*directory != '\0' && ::chdir(directory) != 0) ::_exit(126);
  ::execvpe(argv[0], argv, envp);
  ::_exit(127);
}

// `signal_with_us` is sent to it when this process ends; 0: none.
pid_t start(const Command& command, const std::string& files, int signal_with_us = 0) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = assignments(command.environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const std::string directory = command.directory.string();
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), envp.data(), files, directory.c_str(), signal_with_us);
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

// What the processes of a group are at, as the kernel has it: for a test that waits for them in vain.
std::string state_of_group(pid_t group) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = static_cast<pid_t>(std::stol(name));
    if (::getpgid(pid) != group) continue;
    for (const char* const file : {"cmdline", "wchan", "syscall", "status"}) {
      std::string text = read_text(entry.path() / file);
      std::replace(text.begin(), text.end(), '\0', ' ');
      all.append("\n").append(name).append(" ").append(file).append(": ").append(text);
    }
  }
  return all;
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
  const std::string state = in_time ? "" : state_of_group(finished.pid);
  if (!in_time) ::kill(-finished.pid, SIGKILL);
  take_status(finished.pid, finished);
  ::close(pidfd);

  finished.duration = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
  finished.out = read_text(files.path() / "out");
  finished.err = read_text(files.path() / "err");
  if (!in_time) {
    throw std::runtime_error(command.argv[0] + " did not end within " +
                             std::to_string(command.timeout.count()) + " ms; stdout: " + finished.out +
                             "; stderr: " + finished.err + state);
  }
  return finished;
}

Background::Background(const Command& command) {
  write_text(files_.path() / "in", command.input);
  pid_ = start(command, files_.path().string(), SIGKILL);
  ::setpgid(pid_, pid_);
}

Background::~Background() {
  ::kill(-pid_, SIGKILL);
  Finished finished;
  take_status(pid_, finished);
}

std::string Background::output() const {
  return read_text(files_.path() / "out") + read_text(files_.path() / "err");
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool has_port = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!has_port) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
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
