// Exceptions that end the program: the argument says how.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <thread>

#include "program.h"

namespace {

volatile int sink;

struct Guard {
  ~Guard() { sink = sink + 1; }
};

NOINLINE void failing_agent() {
  const Guard guard;
  throw std::runtime_error("fatal");
}

NOINLINE void uncaught_workflow() {
  failing_agent();
  sink = 1;
}

NOINLINE void strict_agent() noexcept {
  failing_agent();
  sink = 2;
}

NOINLINE void noexcept_workflow() {
  strict_agent();
  sink = 3;
}

NOINLINE void terminate_workflow() { std::terminate(); }

NOINLINE void joinable_workflow() {
  std::thread thread([] { ::pause(); });
  sink = 4;
}

NOINLINE void abort_workflow() {
  try {
    failing_agent();
  } catch (...) {
    std::abort();
  }
}

NOINLINE void thread_workflow() {
  std::thread thread(uncaught_workflow);
  thread.join();
}

NOINLINE void last_handler() { sink = 5; }

NOINLINE void handler_workflow() {
  std::set_terminate([] {
    last_handler();
    std::abort();
  });
  failing_agent();
}

struct End {
  const char* name;
  void (*come)();
};

constexpr End kEnds[] = {
    {"uncaught", uncaught_workflow}, {"noexcept", noexcept_workflow}, {"terminate", terminate_workflow},
    {"joinable", joinable_workflow}, {"abort", abort_workflow},       {"thread", thread_workflow},
    {"handler", handler_workflow},
};

}  // namespace

int main(int argc, char** argv) {
  for (const End& end : kEnds) {
    if (argc > 1 && std::strcmp(argv[1], end.name) == 0) return end.come(), 0;
  }
  return 2;
}
