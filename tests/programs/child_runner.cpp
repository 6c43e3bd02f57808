// Runs a command in a workflow and ends as the command does: child_runner COMMAND ARGUMENT…
// `child_runner leaf` makes a call instead and prints that it did.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "program.h"

volatile int work = 0;

NOINLINE void leaf_agent() { work = work + 1; }

NOINLINE int running_workflow(char** command) {
  const pid_t child = fork();
  if (child == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

PLAIN int main(int count, char** arguments) {
  if (count < 2) return 2;
  if (std::strcmp(arguments[1], "leaf") != 0) return running_workflow(arguments + 1);
  leaf_agent();
  std::puts("leaf");
  return 0;
}
