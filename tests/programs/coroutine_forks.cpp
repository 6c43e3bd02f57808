// A coroutine forks its process while it runs inside another one; parent and child go on with both.
#include <sys/wait.h>
#include <unistd.h>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void child_agent() { work = work + 1; }
NOINLINE void parent_agent() { work = work + 1; }

pid_t child = 0;
int turn[2];  // the child's comes when the parent closes its end

NOINLINE Generator<int> forking_agent() {
  co_yield 1;
  if (pipe(turn) != 0) co_return;
  child = fork();
  if (child == 0) {
    close(turn[1]);
    char none = 0;
    if (read(turn[0], &none, 1) == 0) child_agent();
  } else {
    parent_agent();
    close(turn[1]);
    int status = 0;
    waitpid(child, &status, 0);
  }
}

NOINLINE Generator<int> outer_agent() {
  Generator<int> numbers = forking_agent();
  while (numbers.next()) co_yield numbers.value();
}

int main() {
  Generator<int> numbers = outer_agent();
  while (numbers.next()) continue;
  return 0;
}
