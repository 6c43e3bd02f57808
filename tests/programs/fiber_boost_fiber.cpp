// Boost.Fiber: threads that share their fibers, which sleep and are woken on whichever is free.
// link: -lboost_fiber -lboost_context
#include <atomic>
#include <boost/fiber/all.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "program.h"

namespace fibers = boost::fibers;

constexpr int kFibers = 20;

volatile int work = 0;
static std::atomic<int> finished{0};

NOINLINE void step_agent() { work = work + 1; }

NOINLINE void task_workflow() {
  for (int round = 0; round < 5; ++round) {
    step_agent();
    boost::this_fiber::sleep_for(std::chrono::microseconds(200));
  }
}

PLAIN static void task() {
  task_workflow();
  ++finished;
}

PLAIN static void help() {
  fibers::use_scheduling_algorithm<fibers::algo::shared_work>(true);
  while (finished < kFibers) boost::this_fiber::sleep_for(std::chrono::milliseconds(1));
}

PLAIN int main() {
  fibers::use_scheduling_algorithm<fibers::algo::shared_work>(true);
  std::thread helper(help);
  std::vector<fibers::fiber> all;
  for (int fiber = 0; fiber < kFibers; ++fiber) all.emplace_back(task);
  for (fibers::fiber& fiber : all) fiber.join();
  helper.join();
  return 0;
}
