// Functions that no dynamic symbol table has: static ones, and those of an executable.
#include "program.h"

volatile int work = 0;

namespace {
NOINLINE void unnamed_agent() { work = work + 1; }
}  // namespace

static NOINLINE void hidden_workflow() { unnamed_agent(); }

int main() {
  hidden_workflow();
  return 0;
}
