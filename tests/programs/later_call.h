// A call that lies deeper on the stack than all that a jump has left.
#pragma once

#include "program.h"

volatile int work = 0;

NOINLINE void later_agent(void) { work = work + 1; }

PLAIN static void call_deep(void) {
  volatile char large[8192];
  large[work & 1] = 0;
  later_agent();
  large[0] = large[1];
}
