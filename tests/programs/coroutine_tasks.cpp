// Tasks that await each other. With an argument: two that hand over to each other so many times; the stack
// they used is printed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void call_agent() { work = work + 1; }

#if HAS_SYMMETRIC_TRANSFER

NOINLINE Task leaf_agent() {
  call_agent();
  co_return;
}

NOINLINE Task middle_agent() {
  co_await leaf_agent();
  call_agent();
  co_await leaf_agent();
}

NOINLINE Task outer_workflow() {
  co_await middle_agent();
  call_agent();
}

// Does not match. What it calls when the agent has ended, and has handed over to it, is not the agent's.
NOINLINE Task plain_step() {
  co_await leaf_agent();
  call_agent();
}

NOINLINE void driving_workflow() {
  Task task = plain_step();
  task.start();
}

std::uintptr_t lowest = UINTPTR_MAX;
std::uintptr_t highest = 0;

PLAIN void look_at_stack() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here < lowest) lowest = here;
  if (here > highest) highest = here;
}

// Leaves the own handle in one place and jumps to what is in another.
struct HandOver {
  std::coroutine_handle<>& own;
  std::coroutine_handle<>& other;
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> handle) const noexcept {
    own = handle;
    return other;
  }
  void await_resume() const noexcept {}
};

std::coroutine_handle<> ping;
std::coroutine_handle<> pong;

NOINLINE Task ping_agent(int times) {
  for (int time = 0; time < times; ++time) {
    look_at_stack();
    co_await HandOver{ping, pong};
  }
}

NOINLINE Task pong_agent(int times) {
  co_await Parked{pong};
  for (int time = 0; time < times; ++time) {
    look_at_stack();
    if (time % 1000 == 0) call_agent();
    co_await HandOver{pong, ping};
  }
}

NOINLINE void transfer_workflow(int times) {
  Task second = pong_agent(times);
  second.start();
  Task first = ping_agent(times);
  first.start();
  std::printf("%s %s\n", first.done() ? "done" : "not done", highest - lowest < 65536 ? "flat" : "deep");
}

int main(int argc, char** argv) {
  if (argc > 1) {
    transfer_workflow(std::atoi(argv[1]));
    return 0;
  }
  driving_workflow();
  Task task = outer_workflow();
  task.start();
  return task.done() ? 0 : 1;
}

#else

int main() { return 77; }

#endif
