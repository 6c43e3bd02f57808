// Starts itself once in each way that libc has, each time from a call of its own. Prints what did not end
// with 7, as the children do.
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "program.h"

constexpr int kChildStatus = 7;

volatile int work = 0;
char self[4096];
char* arguments[] = {self, const_cast<char*>("child"), nullptr};
char path[] = "PATH=/usr/bin:/bin";
char* small_environment[] = {path, nullptr};  // neither the preload nor a setting is in it

NOINLINE void child_agent() { work = work + 1; }

PLAIN int status_of(pid_t child) {
  int status = 0;
  if (child <= 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// In a child of fork().
template <typename Exec>
PLAIN int after_fork(Exec exec) {
  const pid_t child = fork();
  if (child != 0) return status_of(child);
  exec();
  _exit(errno);
}

NOINLINE int execv_agent() {
  return after_fork([] { execv(self, arguments); });
}
NOINLINE int execvp_agent() {
  return after_fork([] { execvp(self, arguments); });
}
NOINLINE int execve_agent() {
  return after_fork([] { execve(self, arguments, small_environment); });
}
NOINLINE int execvpe_agent() {
  return after_fork([] { execvpe(self, arguments, small_environment); });
}
NOINLINE int execl_agent() {
  return after_fork([] { execl(self, self, "child", nullptr); });
}
NOINLINE int execlp_agent() {
  return after_fork([] { execlp(self, self, "child", nullptr); });
}
NOINLINE int execle_agent() {
  return after_fork([] { execle(self, self, "child", nullptr, small_environment); });
}
NOINLINE int fexecve_agent() {
  return after_fork([] { fexecve(open(self, O_RDONLY | O_CLOEXEC), arguments, environ); });
}
NOINLINE int execveat_agent() {
  return after_fork([] { execveat(AT_FDCWD, self, arguments, small_environment, 0); });
}

// An environment that does not fit on the stack that it is put together on.
NOINLINE int vfork_agent() {
  static char entries[3000][16];
  static char* many[3001];
  for (int i = 0; i < 3000; ++i) {
    std::snprintf(entries[i], sizeof entries[i], "VARIABLE_%d=1", i);
    many[i] = entries[i];
  }
  const pid_t child = vfork();
  if (child != 0) return status_of(child);
  execve("/does/not/exist", arguments, many);
  execve(self, arguments, many);
  _exit(errno);
}

NOINLINE int spawn_agent() {
  pid_t child = 0;
  if (posix_spawn(&child, self, nullptr, nullptr, arguments, small_environment) != 0) return -1;
  return status_of(child);
}

NOINLINE int spawnp_agent() {
  pid_t child = 0;
  if (posix_spawnp(&child, self, nullptr, nullptr, arguments, environ) != 0) return -1;
  return status_of(child);
}

PLAIN std::string command() { return '\'' + std::string(self) + "' child"; }

NOINLINE int system_agent() {
  const int status = system(command().c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

NOINLINE int popen_agent() {
  std::FILE* const pipe = popen(command().c_str(), "r");
  if (pipe == nullptr) return -1;
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

PLAIN int run_clone(void* status) {
  child_agent();
  return *static_cast<int*>(status);
}

NOINLINE int clone_agent() {
  static char stack[256 * 1024];
  int status = kChildStatus;
  return status_of(clone(run_clone, stack + sizeof stack, SIGCHLD, &status));
}

PLAIN int exec_in_clone(void*) {
  execv(self, arguments);
  return errno;
}

NOINLINE int clone_vfork_agent() {
  static char stack[256 * 1024];
  return status_of(clone(exec_in_clone, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr));
}

PLAIN void check(const char* way, int status) {
  if (status != kChildStatus) std::printf("%s: %d\n", way, status);
}

NOINLINE void starting_workflow() {
  check("execv", execv_agent());
  check("execvp", execvp_agent());
  check("execve", execve_agent());
  check("execvpe", execvpe_agent());
  check("execl", execl_agent());
  check("execlp", execlp_agent());
  check("execle", execle_agent());
  check("fexecve", fexecve_agent());
  check("execveat", execveat_agent());
  check("vfork", vfork_agent());
  check("posix_spawn", spawn_agent());
  check("posix_spawnp", spawnp_agent());
  check("system", system_agent());
  check("popen", popen_agent());
  check("clone", clone_agent());
  check("clone as vfork", clone_vfork_agent());
}

PLAIN int main(int count, char**) {
  if (count > 1) {
    child_agent();
    return kChildStatus;
  }
  if (readlink("/proc/self/exe", self, sizeof self - 1) <= 0) return 1;
  starting_workflow();
  return 0;
}
