// Leaves the directory it was started in before its first traced call.
#include <unistd.h>

#include "program.h"

volatile int work = 0;

NOINLINE void small_agent(void) { work = work + 1; }

PLAIN int main(void) {
  if (chdir("/") != 0) return 1;
  small_agent();
  return 0;
}
