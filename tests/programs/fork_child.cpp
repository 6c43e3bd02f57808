// A workflow that forks. The child makes a span of its own and returns through its parent's frames.
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;

NOINLINE void child_agent() { work = work + 1; }
NOINLINE void parent_agent() { work = work + 1; }

NOINLINE pid_t fork_workflow() {
  const pid_t pid = fork();
  if (pid == 0) {
    child_agent();
    return 0;
  }
  waitpid(pid, nullptr, 0);
  parent_agent();
  return pid;
}

int main() {
  if (fork_workflow() == 0) child_agent();
  return 0;
}
