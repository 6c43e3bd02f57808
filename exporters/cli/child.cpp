#include "exporters/cli/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace llmo::cli {
namespace {

// Those that a process is sent on purpose and that would end or wake it. Stop signals and SIGCONT stay with
// the kernel, faults stay with whom they hit.
constexpr int kRelayed[] = {SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM,   SIGUSR1, SIGUSR2,
                            SIGALRM, SIGPROF, SIGVTALRM, SIGSTKFLT, SIGIO,   SIGPWR};

sigset_t relayed_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kRelayed) sigaddset(&set, number);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) sigaddset(&set, number);
  sigaddset(&set, SIGCHLD);
  return set;
}

// The process group that the terminal listens to, or -1 without a terminal.
pid_t foreground_group() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (const pid_t group = ::tcgetpgrp(fd); group > 0) return group;
  }
  return -1;
}

bool asks_to_end(int number) {
  return number == SIGINT || number == SIGQUIT || number == SIGTERM || number == SIGHUP;
}

}  // namespace

Child::Child() : relayed_(relayed_signals()) {
  // A parent that ignores SIGCHLD hands that down, and wait() would then find no child.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &standard, &original_child_action_);
  ::sigprocmask(SIG_BLOCK, &relayed_, &original_mask_);
}

Child::~Child() {
  ::sigaction(SIGCHLD, &original_child_action_, nullptr);
  ::sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
}

int Child::start(const std::vector<std::string>& argv, Environment environment) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
  pid_ = ::fork();
  if (pid_ == 0) become(argv, environment, ends[1]);
  const int fork_error = pid_ < 0 ? errno : 0;
  ::close(ends[1]);

  // The pipe closes at a successful exec; before that the child writes why there was none.
  int exec_error = 0;
  ssize_t size = 0;
  do {
    size = ::read(ends[0], &exec_error, sizeof exec_error);
  } while (size < 0 && errno == EINTR);
  ::close(ends[0]);
  if (fork_error != 0) return fork_error;
  if (size == 0) return 0;
  ::waitpid(pid_, nullptr, 0);
  return exec_error != 0 ? exec_error : EIO;
}

void Child::become(const std::vector<std::string>& argv, Environment& environment, int error_pipe) {
  ::sigaction(SIGCHLD, &original_child_action_, nullptr);
  ::sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvpe(arguments[0], arguments.data(), environment.pointers().data());
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(error_pipe, &error, sizeof error);
  ::_exit(127);
}

int Child::wait() {
  int status = 0;
  while (!collect(status)) {
    siginfo_t info{};
    if (::sigwaitinfo(&relayed_, &info) > 0 && info.si_signo != SIGCHLD) pass_on(info);
  }
  return status;
}

// True when the child has ended. SIGCHLD does not queue, so everything that there is to know is taken at
// once.
bool Child::collect(int& status) {
  for (;;) {
    const pid_t found = ::waitpid(pid_, &status, WNOHANG | WUNTRACED);
    if (found < 0 && errno == EINTR) continue;
    if (found != pid_) return found < 0;
    if (!WIFSTOPPED(status)) return true;
    stop_along();
  }
}

// The program has stopped and we have not: it stopped itself. A shell that waits for us in the foreground
// would never get its prompt back, so we stop too, and what continues us continues the program. Elsewhere a
// stopped program is somebody's intention (a debugger, an administrator) and only waited for.
void Child::stop_along() const {
  const pid_t group = foreground_group();
  if (group <= 0 || (group != ::getpgrp() && group != ::getpgid(pid_))) return;
  ::raise(SIGSTOP);
  ::kill(pid_, SIGCONT);
}

// What the kernel sent (^C, hang-up) went to the whole process group, the child included.
void Child::pass_on(const siginfo_t& info) const {
  if (info.si_code == SI_KERNEL || info.si_pid == pid_) return;
  if (info.si_code == SI_QUEUE) {
    ::sigqueue(pid_, info.si_signo, info.si_value);
  } else {
    ::kill(pid_, info.si_signo);
  }
}

bool Child::pause(std::chrono::milliseconds duration) {
  const timespec timeout{duration.count() / 1000, duration.count() % 1000 * 1'000'000};
  return !asks_to_end(::sigtimedwait(&relayed_, nullptr, &timeout));
}

void end_like(int status) {
  if (!WIFSIGNALED(status)) std::_Exit(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // A core_pattern that is a pipe ignores the limit; this it does not.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(number);
  std::_Exit(128 + number);
}

}  // namespace llmo::cli
