// Leaves calls by a jump, in the way that its argument says, and then makes a call that lies deeper than
// those did: by its address alone it would be theirs. flags: -Wno-infinite-recursion
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "program.h"

enum { kStackBytes = 64 * 1024 };

volatile int work = 0;
static jmp_buf back;
static sigjmp_buf signal_back;
static ucontext_t context_back;
static char signal_stack[kStackBytes];

NOINLINE void later_agent(void) { work = work + 1; }

PLAIN static void call_deep(void) {
  volatile char large[8192];
  large[work & 1] = 0;
  later_agent();
  large[0] = large[1];
}

NOINLINE void jumping_agent(const char* how) {
  if (strcmp(how, "longjmp") == 0) longjmp(back, 1);
  if (strcmp(how, "_longjmp") == 0) _longjmp(back, 1);
  if (strcmp(how, "siglongjmp") == 0) siglongjmp(signal_back, 1);
  if (strcmp(how, "setcontext") == 0) setcontext(&context_back);
  raise(SIGUSR1);
}

NOINLINE void left_handler(const char* how) {
  jumping_agent(how);
  work = work + 1;
}

NOINLINE void signal_agent(void) {
  work = work + 1;
  siglongjmp(signal_back, 1);
}

PLAIN static void on_signal(int number) {
  (void)number;
  signal_agent();
}

PLAIN static void set_handler(int flags) {
  stack_t stack;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof(signal_stack);
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  action.sa_flags = flags;
  sigaction(SIGUSR1, &action, NULL);
}

NOINLINE void by_longjmp_workflow(const char* how) {
  if (setjmp(back) == 0) left_handler(how);
  call_deep();
}

NOINLINE void by_siglongjmp_workflow(const char* how) {
  if (sigsetjmp(signal_back, 1) == 0) left_handler(how);
  call_deep();
}

NOINLINE void by_setcontext_workflow(const char* how) {
  static volatile int came_back = 0;
  getcontext(&context_back);
  if (came_back++ == 0) left_handler(how);
  call_deep();
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const char* const how = argv[1];
  set_handler(strcmp(how, "signal_stack") == 0 ? SA_ONSTACK : 0);
  if (strstr(how, "context") != NULL) {
    by_setcontext_workflow(how);
  } else if (strstr(how, "sig") != NULL) {
    by_siglongjmp_workflow(how);
  } else {
    by_longjmp_workflow(how);
  }
  return 0;
}
