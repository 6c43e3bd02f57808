// Coroutines that hand themselves to another thread, which resumes them before the first has come out of
// them, again and again.
#include <atomic>
#include <thread>

#include "coroutine_types.h"

std::atomic<void*> handed{nullptr};
std::atomic<bool> stop{false};
std::atomic<int> ended{0};

struct ToOtherThread {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept {
    handed = handle.address();
    while (handed != nullptr) std::this_thread::yield();
    for (int turn = 0; turn < 100; ++turn) std::this_thread::yield();
  }
  void await_resume() const noexcept {}
};

NOINLINE void call_agent() { std::this_thread::yield(); }

NOINLINE Detached handed_agent() {
  co_await std::suspend_never{};
  call_agent();
  co_await ToOtherThread{};
  call_agent();
  ++ended;
}

PLAIN void run_what_is_handed() {
  while (!stop) {
    if (void* const address = handed.exchange(nullptr))
      std::coroutine_handle<>::from_address(address).resume();
    std::this_thread::yield();
  }
}

constexpr int kTimes = 50;

int main() {
  std::thread other(run_what_is_handed);
  for (int time = 0; time < kTimes; ++time) handed_agent();
  while (ended < kTimes) std::this_thread::yield();
  stop = true;
  other.join();
  return 0;
}
