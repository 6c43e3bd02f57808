// Leaves two functions by longjmp: nobody calls their exit hooks.
#include <setjmp.h>

#include "program.h"

volatile int work = 0;
static jmp_buf back;

NOINLINE void thrown_agent(void) { longjmp(back, 1); }

// Its large frame lies across the place where later_agent()'s will be, so that the call is seen to be dead
// then.
NOINLINE void jumped_handler(void) {
  volatile char large[1024];
  large[work] = 0;
  thrown_agent();
}

NOINLINE void later_agent(void) { work = work + 1; }

NOINLINE void catching_workflow(void) {
  if (setjmp(back) == 0) jumped_handler();
  later_agent();
}

int main(void) {
  catching_workflow();
  return 0;
}
