// Coroutines that are resumed on other threads.
#include <atomic>
#include <thread>
#include <vector>

#include "coroutine_types.h"

std::atomic<int> work{0};

NOINLINE void first_agent() { ++work; }
NOINLINE void second_agent() { ++work; }
NOINLINE void other_agent() { ++work; }

std::coroutine_handle<> parked;
std::atomic<bool> done{false};

NOINLINE Detached moving_agent() {
  first_agent();
  co_await Parked{parked};
  second_agent();
  co_await Parked{parked};
  second_agent();
  done = true;
}

NOINLINE void pool_handler() {
  other_agent();
  parked.resume();
  other_agent();
}

NOINLINE void moving_workflow() { moving_agent(); }

// Thousands alive at once, resumed by several threads.
constexpr int kMany = 2000;
NOINLINE Generator<int> many_agent(int number) {
  co_yield number;
  co_yield number + 1;
}

PLAIN void many() {
  std::vector<Generator<int>> all;
  for (int number = 0; number < kMany; ++number) all.push_back(many_agent(number));
  for (int round = 0; round < 2; ++round) {
    std::vector<std::thread> threads;
    for (int start = 0; start < 4; ++start) {
      threads.emplace_back([&all, start] {
        for (int number = start; number < kMany; number += 4) all[static_cast<std::size_t>(number)].next();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

int main(int argc, char**) {
  if (argc > 1) {
    many();
    return 0;
  }
  moving_workflow();
  std::thread(pool_handler).join();
  std::thread(pool_handler).join();
  return done ? 0 : 1;
}
