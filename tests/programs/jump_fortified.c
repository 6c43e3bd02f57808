// Built with _FORTIFY_SOURCE: longjmp() is then __longjmp_chk().
// flags: -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
#include <setjmp.h>

#include "program.h"

volatile int work = 0;
static jmp_buf back;

NOINLINE void later_agent(void) { work = work + 1; }

PLAIN static void call_deep(void) {
  volatile char large[8192];
  large[work & 1] = 0;
  later_agent();
  large[0] = large[1];
}

NOINLINE void jumping_agent(void) {
  work = work + 1;
  longjmp(back, 1);
}

NOINLINE void catching_workflow(void) {
  if (setjmp(back) == 0) jumping_agent();
  call_deep();
}

int main(void) {
  catching_workflow();
  return 0;
}
