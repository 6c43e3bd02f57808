// A generator, read to its end by one function and given up half-way by another.
#include <llmobserve/llmobserve.h>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void inner_agent() { work = work + 1; }
NOINLINE void between_agent() { work = work + 1; }

NOINLINE Generator<int> count_agent(int end) {
  for (int number = 0; number < end; ++number) {
    inner_agent();
    llmobserve_set_int("last", number);
    co_yield number;
  }
}

NOINLINE void whole_workflow() {
  Generator<int> numbers = count_agent(2);
  while (numbers.next()) between_agent();
}

NOINLINE void half_workflow() {
  Generator<int> numbers = count_agent(5);
  numbers.next();
  between_agent();
}

NOINLINE void never_workflow() { count_agent(5); }

int main() {
  whole_workflow();
  half_workflow();
  never_workflow();
  return 0;
}
