// Ends in the middle of a workflow, or nearly so, in the way that its argument says.
// flags: -UNDEBUG
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <cassert>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "program.h"

volatile int work = 0;
static sigjmp_buf back;
static char* const kNothing[] = {nullptr};

PLAIN static bool is(const char* how, const char* name) { return std::strcmp(how, name) == 0; }

NOINLINE void finished_agent() { work = work + 1; }

PLAIN static void jump_back(int) { siglongjmp(back, 1); }

PLAIN static void replace_program(const char* how) {
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  if (is(how, "execv")) execv("/bin/true", arguments);
  if (is(how, "execvp")) execvp("true", arguments);
  if (is(how, "execve")) execve("/bin/true", arguments, environ);
  if (is(how, "execvpe")) execvpe("true", arguments, environ);
  if (is(how, "execl")) execl("/bin/sh", "sh", "-c", "exit $#", "sh", "1", "2", "3", nullptr);
  if (is(how, "execlp")) execlp("true", "true", nullptr);
  if (is(how, "execle"))
    execle("/bin/sh", "sh", "-c", "exit $WANTED", nullptr, std::getenv("WANTED") ? environ : kNothing);
  if (is(how, "fexecve")) fexecve(open("/bin/true", O_RDONLY), arguments, environ);
  if (is(how, "execveat")) execveat(AT_FDCWD, "/bin/true", arguments, environ, 0);
}

PLAIN static void end_after_failure(const char* how) {
  if (is(how, "failed_exec")) execl("/nowhere/nothing", "nothing", nullptr);
  if (is(how, "caught_abort")) {
    signal(SIGABRT, jump_back);
    if (sigsetjmp(back, 1) == 0) std::abort();
  }
  kill(getpid(), SIGKILL);
}

NOINLINE void ending_agent(const char* how) {
  if (is(how, "_Exit")) std::_Exit(4);
  if (is(how, "assert")) assert(how == nullptr);
  if (is(how, "pthread_exit")) pthread_exit(nullptr);
  if (is(how, "failed_exec") || is(how, "caught_abort")) end_after_failure(how);
  replace_program(how);
  work = work + 1;
}

NOINLINE void outer_workflow(const char* how) {
  finished_agent();
  ending_agent(how);
  work = work + 1;
}

// --- processes that are made in the middle

NOINLINE void child_agent() { work = work + 1; }

PLAIN static void end_child(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
}

NOINLINE void vfork_workflow() {
  const pid_t child = vfork();
  if (child == 0) {
    child_agent();
    execl("/nowhere/nothing", "nothing", nullptr);
    _exit(7);
  }
  end_child(child);
  finished_agent();
}

NOINLINE void bare_fork_workflow() {
  const pid_t child = _Fork();
  if (child == 0) {
    child_agent();
    _exit(0);
  }
  end_child(child);
  finished_agent();
}

// As daemons do: gone twice, no terminal, no descriptor, another directory.
NOINLINE void daemon_workflow() {
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  if (chdir("/") != 0) _exit(9);
  syscall(SYS_close_range, 0U, ~0U, 0U);
  child_agent();
}

// --- threads that main leaves behind

static volatile int may_end = 0;

NOINLINE void outliving_agent() {
  while (may_end == 0) usleep(1000);
  usleep(20'000);
}

PLAIN static void* outlive(void*) {
  outliving_agent();
  std::puts("outlived");
  return nullptr;
}

PLAIN static int leave_thread_behind() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, outlive, nullptr) != 0) return 3;
  pthread_detach(thread);
  outer_workflow("nothing");
  may_end = 1;
  pthread_exit(nullptr);
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const char* const how = argv[1];
  if (is(how, "vfork")) {
    vfork_workflow();
  } else if (is(how, "_Fork")) {
    bare_fork_workflow();
  } else if (is(how, "daemon")) {
    daemon_workflow();
  } else if (is(how, "outlive")) {
    return leave_thread_behind();
  } else {
    outer_workflow(how);
  }
  return 0;
}
