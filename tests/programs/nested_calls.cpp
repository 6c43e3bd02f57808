// Matching functions within matching ones, with one that does not match in between.
#include "program.h"

volatile int work = 0;

NOINLINE void inner_agent() { work = work + 1; }
NOINLINE void plain_step() { inner_agent(); }
NOINLINE void last_handler() { work = work + 1; }

NOINLINE void outer_workflow() {
  plain_step();
  last_handler();
}

int main() {
  outer_workflow();
  return 0;
}
