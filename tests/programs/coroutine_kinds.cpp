// Coroutines of every kind: a lambda, a method, a template, a recursive one, one with a heap of its own, one
// that finds no memory, one that takes its parameters by value, two that take turns.
#include <cstdlib>
#include <new>
#include <string>

#include "coroutine_types.h"

volatile int work = 0;

NOINLINE void step_agent() { work = work + 1; }

struct Planner {
  NOINLINE Generator<int> plan_agent(int end) {
    for (int number = 0; number < end; ++number) co_yield number* factor;
  }
  int factor = 1;
};

template <typename T>
NOINLINE Generator<T> typed_agent(T first) {
  step_agent();
  co_yield first;
}

// Each level is a coroutine of its own, read by the one above.
NOINLINE Generator<int> tree_agent(int depth) {
  if (depth > 0) {
    Generator<int> below = tree_agent(depth - 1);
    while (below.next()) co_yield below.value();
  }
  step_agent();
  co_yield depth;
}

constexpr std::size_t kArenaSize = 4096;
alignas(16) char arena_memory[kArenaSize];
char* volatile arena = arena_memory;
std::size_t arena_used = 0;

struct Pooled {
  struct promise_type {
    static void* operator new(std::size_t size) noexcept {
      if (arena_used + size > kArenaSize) return nullptr;
      return arena + std::exchange(arena_used, (arena_used + size + 15) / 16 * 16);
    }
    static void operator delete(void*) {}
    static Pooled get_return_object_on_allocation_failure() { return {nullptr}; }
    Pooled get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

NOINLINE Pooled pooled_agent() {
  step_agent();
  co_await std::suspend_always{};
  step_agent();
}

NOINLINE Generator<std::size_t> words_agent(std::string first, std::string second) {
  co_yield first.size();
  step_agent();
  co_yield second.size();
}

NOINLINE void kinds_workflow() {
  Planner planner;
  Generator<int> plan = planner.plan_agent(1);
  plan.next();
  const auto lambda_agent = [](int value) -> Generator<int> { co_yield value; };
  Generator<int> by_lambda = lambda_agent(7);
  by_lambda.next();
  Generator<double> typed = typed_agent(1.5);
  typed.next();
}

NOINLINE void recursive_workflow() {
  Generator<int> numbers = tree_agent(2);
  while (numbers.next()) continue;
}

NOINLINE void pooled_workflow() {
  const Pooled first = pooled_agent();
  first.handle.resume();
  first.handle.destroy();
  arena_used = kArenaSize;
  if (pooled_agent().handle) std::abort();
}

NOINLINE void turns_workflow() {
  Generator<std::size_t> one = words_agent(std::string(100, 'a'), "b");
  Generator<std::size_t> two = words_agent("c", std::string(100, 'd'));
  while (one.next() && two.next()) step_agent();
}

int main() {
  kinds_workflow();
  recursive_workflow();
  pooled_workflow();
  turns_workflow();
  return 0;
}
