// A traced handler, on the signal stack, leaves by siglongjmp() 300 times from wherever traced calls just
// were; afterwards 100 calls. Prints how many calls have returned.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "program.h"
#include "signal_stack.h"

enum { kJumps = 300, kLaterCalls = 100 };

volatile int work = 0;
static volatile long returned = 0;
static sigjmp_buf landing;

NOINLINE void interrupted_agent(void) { work = work + 1; }
NOINLINE void later_agent(void) { work = work + 1; }

NOINLINE void handler_agent(void) {
  work = work + 1;
  siglongjmp(landing, 1);
}

PLAIN static void on_alarm(int number) {
  (void)number;
  handler_agent();
}

PLAIN static void wait_for_jump(unsigned microseconds) {
  const struct itimerval once = {{0, 0}, {0, microseconds}};
  if (sigsetjmp(landing, 1) != 0) return;
  setitimer(ITIMER_REAL, &once, NULL);
  for (;;) {
    interrupted_agent();
    returned = returned + 1;
  }
}

PLAIN int main(void) {
  set_handler(SIGALRM, on_alarm, SA_ONSTACK);
  interrupted_agent();
  for (volatile unsigned jump = 0; jump < kJumps; jump = jump + 1) wait_for_jump(1 + jump * 7 % 60);
  for (int call = 0; call < kLaterCalls; ++call) later_agent();
  printf("%ld\n", returned);
  return 0;
}
