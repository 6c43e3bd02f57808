// argv[1] matching calls as fast as it can, then a last line: more than a small journal holds.
#include <cstdio>
#include <cstdlib>

#include "program.h"

volatile int work = 0;

NOINLINE void small_agent() { work = work + 1; }

int main(int, char** argv) {
  const long calls = std::atol(argv[1]);
  for (long call = 0; call < calls; ++call) small_agent();
  std::puts("done");
  return 0;
}
