// Plain C.
#include "program.h"

volatile int work = 0;

static NOINLINE void local_agent(void) { work = work + 1; }
NOINLINE void c_workflow(void) { local_agent(); }

int main(void) {
  c_workflow();
  return 0;
}
