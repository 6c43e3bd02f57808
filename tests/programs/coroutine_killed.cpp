// The process is killed while one coroutine is suspended and another one runs.
#include <signal.h>
#include <unistd.h>

#include "coroutine_types.h"

NOINLINE Generator<int> suspended_agent() {
  while (true) co_yield 0;
}

NOINLINE Generator<int> running_agent() {
  co_yield 0;
  kill(getpid(), SIGKILL);
}

int main() {
  Generator<int> suspended = suspended_agent();
  suspended.next();
  Generator<int> running = running_agent();
  while (running.next()) continue;
  return 0;
}
