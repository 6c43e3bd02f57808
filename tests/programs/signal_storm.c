// A traced signal handler that lands anywhere in traced calls, ours included. Prints how many calls each
// made.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "program.h"

static volatile long handled = 0;
static volatile long called = 0;
static volatile int errno_lost = 0;

NOINLINE void signal_agent(void) { handled = handled + 1; }

NOINLINE void tick_handler(int number) {
  (void)number;
  signal_agent();
}

NOINLINE void main_agent(void) { called = called + 1; }

int main(void) {
  // Once each beforehand: what a call is decided to be is found out at the first one.
  main_agent();
  tick_handler(0);

  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = tick_handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, NULL);
  const struct itimerval often = {{0, 100}, {0, 100}};
  setitimer(ITIMER_REAL, &often, NULL);
  errno = 4242;
  while (handled < 300 && called < 200000) {
    main_agent();
    if (errno != 4242) errno_lost = 1;
  }
  const struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
  printf("%ld %ld %d\n", called, handled, errno_lost);
  return 0;
}
