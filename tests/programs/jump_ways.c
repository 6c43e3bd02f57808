// Leaves calls by a jump, in the way that its argument says, and then makes a call that lies deeper than
// those did: by its address alone it would be theirs.
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "later_call.h"
#include "program.h"
#include "signal_stack.h"

static jmp_buf back;
static sigjmp_buf signal_back;
static ucontext_t context_back;

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
  set_handler(SIGUSR1, on_signal, strcmp(how, "signal_stack") == 0 ? SA_ONSTACK : 0);
  if (strstr(how, "context") != NULL) {
    by_setcontext_workflow(how);
  } else if (strstr(how, "sig") != NULL) {
    by_siglongjmp_workflow(how);
  } else {
    by_longjmp_workflow(how);
  }
  return 0;
}
