// The first instrumented call is a signal handler's, on an alternate stack of 8 KiB with nothing below it.
// Its name matches no pattern, so what it is has to be found out on that stack.
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "program.h"

enum { kStackBytes = 8192, kGuardBytes = 65536 };

NOINLINE void on_signal(int number) {
  (void)number;
  if (write(STDOUT_FILENO, "handled\n", 8) != 8) _exit(1);
}

PLAIN int main(void) {
  char* const memory = mmap(NULL, kGuardBytes + kStackBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  mprotect(memory + kGuardBytes, kStackBytes, PROT_READ | PROT_WRITE);
  stack_t stack;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = memory + kGuardBytes;
  stack.ss_size = kStackBytes;
  if (sigaltstack(&stack, NULL) != 0) return 3;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return 0;
}
