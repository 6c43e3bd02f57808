// A traced handler comes all the time while two stacks call each other. Prints how many handlers there were.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#include "program.h"

enum { kSwitches = 5000, kStackBytes = 128 * 1024 };

volatile int work = 0;
static volatile long handled = 0;
static char memory[kStackBytes];
static ucontext_t main_context, fiber_context;

NOINLINE void signal_agent(void) { handled = handled + 1; }

PLAIN static void on_alarm(int number) {
  (void)number;
  signal_agent();
}

NOINLINE void fiber_step_agent(void) { work = work + 1; }
NOINLINE void main_step_agent(void) { work = work + 1; }

NOINLINE void fiber_workflow(void) {
  for (int count = 0; count < kSwitches; ++count) {
    fiber_step_agent();
    swapcontext(&fiber_context, &main_context);
  }
}

NOINLINE void main_workflow(void) {
  for (int count = 0; count <= kSwitches; ++count) {
    swapcontext(&main_context, &fiber_context);
    main_step_agent();
  }
}

int main(void) {
  getcontext(&fiber_context);
  fiber_context.uc_stack.ss_sp = memory;
  fiber_context.uc_stack.ss_size = sizeof(memory);
  fiber_context.uc_link = &main_context;
  makecontext(&fiber_context, fiber_workflow, 0);
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  const struct itimerval often = {{0, 100}, {0, 100}};
  setitimer(ITIMER_REAL, &often, NULL);
  main_workflow();
  const struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
  printf("%ld\n", handled);
  return 0;
}
