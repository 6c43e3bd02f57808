// Eight threads in two generations, each with 2 000 traced calls in traced calls, all at the same time.
#include <thread>
#include <vector>

#include "program.h"

thread_local volatile int work = 0;

NOINLINE void inner_agent() { work = work + 1; }
NOINLINE void outer_agent() { inner_agent(); }

void body(int generations) {
  std::vector<std::thread> next;
  if (generations > 1) next.emplace_back(body, generations - 1);
  for (int call = 0; call < 1000; ++call) outer_agent();
  for (std::thread& thread : next) thread.join();
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(body, 2);
  for (std::thread& thread : threads) thread.join();
  return 0;
}
