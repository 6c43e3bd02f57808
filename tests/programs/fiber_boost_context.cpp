// Fibers of Boost.Context: two that are interleaved, one that is destroyed half-way, one that goes to another
// thread.
// link: -lboost_context
#include <boost/context/fiber.hpp>
#include <thread>
#include <utility>

#include "program.h"

namespace context = boost::context;

volatile int work = 0;

NOINLINE void step_agent() { work = work + 1; }
NOINLINE void main_step_agent() { work = work + 1; }

NOINLINE context::fiber fiber_workflow(context::fiber caller) {
  for (int round = 0; round < 3; ++round) {
    step_agent();
    caller = std::move(caller).resume();
  }
  return caller;
}

NOINLINE context::fiber left_workflow(context::fiber caller) {
  step_agent();
  caller = std::move(caller).resume();
  return caller;
}

PLAIN static context::fiber make_fiber() {
  return context::fiber([](context::fiber&& caller) { return fiber_workflow(std::move(caller)); });
}

NOINLINE void interleaving_workflow() {
  context::fiber one = make_fiber();
  context::fiber two = make_fiber();
  for (int round = 0; round < 4; ++round) {
    one = std::move(one).resume();
    main_step_agent();
    two = std::move(two).resume();
  }
}

NOINLINE void destroying_workflow() {
  {
    context::fiber one([](context::fiber&& caller) { return left_workflow(std::move(caller)); });
    one = std::move(one).resume();
  }
  main_step_agent();
}

NOINLINE void moving_workflow() {
  context::fiber one = make_fiber();
  for (int round = 0; round < 4; ++round) {
    std::thread([&one] { one = std::move(one).resume(); }).join();
    main_step_agent();
  }
}

PLAIN int main() {
  interleaving_workflow();
  destroying_workflow();
  moving_workflow();
  return 0;
}
