// A coroutine forks its process while it runs inside another one; parent and child go on with both.
#include <sys/wait.h>
#include <unistd.h>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void child_agent() { work = work + 1; }
NOINLINE void parent_agent() { work = work + 1; }

pid_t child = 0;

NOINLINE Generator<int> forking_agent() {
  co_yield 1;
  child = fork();
  child == 0 ? child_agent() : parent_agent();
  if (child != 0) {
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
