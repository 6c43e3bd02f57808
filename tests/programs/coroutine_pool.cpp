// Coroutines that hop from thread to thread of a pool.
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "coroutine_types.h"

std::mutex lock;
std::deque<std::coroutine_handle<>> waiting;
std::atomic<bool> stop{false};
std::atomic<int> ended{0};

struct ToPool {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    const std::lock_guard<std::mutex> guard(lock);
    waiting.push_back(handle);
  }
  void await_resume() const noexcept {}
};

constexpr int kCoroutines = 500;
constexpr int kHops = 20;
constexpr int kThreads = 4;

NOINLINE Detached hop_agent() {
  for (int hop = 0; hop < kHops; ++hop) co_await ToPool{};
  ++ended;
}

PLAIN std::coroutine_handle<> next_waiting() {
  const std::lock_guard<std::mutex> guard(lock);
  if (waiting.empty()) return {};
  const std::coroutine_handle<> next = waiting.front();
  waiting.pop_front();
  return next;
}

PLAIN void serve() {
  while (!stop) {
    if (const std::coroutine_handle<> next = next_waiting()) {
      next.resume();
    } else {
      std::this_thread::yield();
    }
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) threads.emplace_back(serve);
  for (int number = 0; number < kCoroutines; ++number) hop_agent();
  while (ended < kCoroutines) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return 0;
}
