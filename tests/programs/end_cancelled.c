// A C thread is cancelled in the middle of traced calls, which nobody tells of.
#include <pthread.h>
#include <unistd.h>

#include "program.h"

static volatile int is_inside = 0;

NOINLINE void waiting_agent(void) {
  is_inside = 1;
  for (;;) usleep(1000);
}

NOINLINE void outer_workflow(void) {
  waiting_agent();
  is_inside = 2;
}

PLAIN static void* body(void* unused) {
  outer_workflow();
  return unused;
}

PLAIN int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL) != 0) return 3;
  while (is_inside == 0) usleep(500);
  pthread_cancel(thread);
  pthread_join(thread, NULL);
  return 0;
}
