// Built with _FORTIFY_SOURCE: longjmp() is then __longjmp_chk().
// flags: -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
#include <setjmp.h>

#include "later_call.h"
#include "program.h"

static jmp_buf back;

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
