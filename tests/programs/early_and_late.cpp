// Traced functions that run in the program's first constructor, after main() and in its last destructor.
#include <cstdlib>

#include "program.h"

volatile int work = 0;

NOINLINE void early_agent() { work = work + 1; }
NOINLINE void middle_agent() { work = work + 1; }
NOINLINE void exit_agent() { work = work + 1; }
NOINLINE void late_agent() { work = work + 1; }

__attribute__((constructor(101))) void first() { early_agent(); }
__attribute__((destructor(101))) void last() { late_agent(); }

int main() {
  std::atexit([] { exit_agent(); });
  middle_agent();
  return 0;
}
