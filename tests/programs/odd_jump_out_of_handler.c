// A signal handler leaves by siglongjmp() 300 times, from wherever traced calls just were. Afterwards 100
// calls on the main thread and 100 on another one.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "program.h"

enum { kJumps = 300, kCallsPerJump = 400, kLaterCalls = 100 };

volatile int work = 0;
static sigjmp_buf landing;

NOINLINE void interrupted_agent(void) { work = work + 1; }
NOINLINE void later_agent(void) { work = work + 1; }

PLAIN static void on_alarm(int number) {
  (void)number;
  siglongjmp(landing, 1);
}

PLAIN static void wait_for_jump(unsigned microseconds) {
  const struct itimerval once = {{0, 0}, {0, microseconds}};
  if (sigsetjmp(landing, 1) != 0) return;
  setitimer(ITIMER_REAL, &once, NULL);
  for (int call = 0; call < kCallsPerJump; ++call) {
    interrupted_agent();
    for (int pause = 0; pause < 1000; ++pause) work = work + 1;
  }
  for (;;) work = work + 1;
}

PLAIN static void* call_later(void* unused) {
  for (int call = 0; call < kLaterCalls; ++call) later_agent();
  return unused;
}

PLAIN int main(void) {
  signal(SIGALRM, on_alarm);
  for (volatile unsigned jump = 0; jump < kJumps; jump = jump + 1) wait_for_jump(1 + jump * 7 % 450);
  call_later(NULL);
  pthread_t thread;
  if (pthread_create(&thread, NULL, call_later, NULL) != 0) return 1;
  pthread_join(thread, NULL);
  puts("done");
  return 0;
}
