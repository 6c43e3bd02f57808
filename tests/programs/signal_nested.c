// Traced handlers in a traced call: on the ordinary stack, on the signal stack, and one in the other.
#include <signal.h>
#include <string.h>

#include "program.h"

enum { kStackBytes = 64 * 1024 };

volatile int work = 0;
static char signal_stack[kStackBytes];

NOINLINE void deepest_agent(void) { work = work + 1; }
NOINLINE void inner_agent(void) { work = work + 1; }

NOINLINE void second_handler(int number) {
  (void)number;
  deepest_agent();
}

NOINLINE void first_handler(int number) {
  (void)number;
  raise(SIGUSR2);
  inner_agent();
}

NOINLINE void interrupted_workflow(void) {
  raise(SIGUSR1);
  inner_agent();
}

PLAIN static void set_handler(int number, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(number, &action, NULL);
}

PLAIN int main(int argc, char** argv) {
  stack_t stack;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof(signal_stack);
  sigaltstack(&stack, NULL);
  const char* const where = argc == 2 ? argv[1] : "";
  set_handler(SIGUSR1, first_handler, strstr(where, "first") ? SA_ONSTACK : 0);
  set_handler(SIGUSR2, second_handler, strstr(where, "second") ? SA_ONSTACK : 0);
  interrupted_workflow();
  return 0;
}
