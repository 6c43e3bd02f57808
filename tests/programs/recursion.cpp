// A function that calls itself: three calls, one within the other.
#include "program.h"

volatile int work = 0;

NOINLINE void count_agent(int left) {
  if (left > 1) count_agent(left - 1);
  work = work + 1;
}

int main() {
  count_agent(3);
  return 0;
}
