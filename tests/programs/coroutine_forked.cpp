// A coroutine that is suspended while its process forks, then read to the end by parent and child; one that
// is suspended for good.
#include <sys/wait.h>
#include <unistd.h>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void parent_agent() { work = work + 1; }
NOINLINE void child_agent() { work = work + 1; }

pid_t child = 0;

NOINLINE Generator<int> forked_agent() {
  co_yield 1;
  child == 0 ? child_agent() : parent_agent();
  co_yield 2;
}

NOINLINE Generator<int> forever_agent() {
  while (true) co_yield 0;
}

int main() {
  auto forever = forever_agent().release();
  forever.resume();
  {
    Generator<int> numbers = forked_agent();
    numbers.next();
    child = fork();
    while (numbers.next()) continue;
  }
  forever.resume();
  if (child == 0) return 0;
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}
