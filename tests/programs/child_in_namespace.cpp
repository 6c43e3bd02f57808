// A traced process whose child counts its pids in a namespace of its own, and stays in a call there for a
// while. Prints "not permitted" where there are no namespaces to be had.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "program.h"

volatile int work = 0;

NOINLINE void short_agent() { work = work + 1; }

// Long enough for the exporter to look at the process, find nothing new and look again.
NOINLINE void long_agent() {
  usleep(600'000);
  short_agent();
}

PLAIN int run_child(void*) {
  long_agent();
  return getpid() == 1 ? 0 : 1;
}

PLAIN pid_t start_child(int flags) {
  static char stack[256 * 1024];
  return clone(run_child, stack + sizeof stack, flags | CLONE_NEWPID | SIGCHLD, nullptr);
}

NOINLINE int outer_workflow() {
  short_agent();
  pid_t child = start_child(0);
  if (child < 0) child = start_child(CLONE_NEWUSER);
  if (child < 0) {
    std::puts("not permitted");
    return 0;
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

PLAIN int main() { return outer_workflow() == 0 ? 0 : 1; }
