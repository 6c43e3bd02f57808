// A traced signal handler runs on an alternate stack that lies above the thread's own, in the middle of a
// workflow: to a reader of stack pointers it looks like a caller of the workflow.
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "program.h"

enum { kStackBytes = 256 * 1024 };

volatile int work = 0;
static char* memory;

NOINLINE void handler_agent(void) { work = work + 1; }
NOINLINE void inner_agent(void) { work = work + 1; }

PLAIN static void on_signal(int number) {
  (void)number;
  handler_agent();
}

NOINLINE void outer_workflow(void) {
  raise(SIGUSR1);
  inner_agent();
}

PLAIN static void* body(void* unused) {
  stack_t stack;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = memory + kStackBytes;
  stack.ss_size = kStackBytes;
  sigaltstack(&stack, NULL);
  outer_workflow();
  return unused;
}

PLAIN int main(void) {
  memory = mmap(NULL, 2 * kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, NULL);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread;
  if (pthread_attr_setstack(&attributes, memory, kStackBytes) != 0) return 3;
  if (pthread_create(&thread, &attributes, body, NULL) != 0) return 4;
  pthread_join(thread, NULL);
  return 0;
}
