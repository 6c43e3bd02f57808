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
  int turn[2];  // the child's comes when the parent closes its end
  if (pipe(turn) != 0) return 1;
  {
    Generator<int> numbers = forked_agent();
    numbers.next();
    child = fork();
    char none = 0;
    if (child == 0 && (close(turn[1]) != 0 || read(turn[0], &none, 1) != 0)) return 1;
    while (numbers.next()) continue;
    if (child != 0) close(turn[1]);
  }
  forever.resume();
  if (child == 0) return 0;
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}
