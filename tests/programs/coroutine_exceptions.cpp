// Exceptions in coroutines: one leaves the body and is kept in the promise, one goes on to the resumer, one
// is caught inside.
#include <stdexcept>

#include "coroutine_types.h"

volatile int work = 0;

struct Keeper {
  struct promise_type {
    Keeper get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { error = std::current_exception(); }
    std::exception_ptr error;
  };
  std::coroutine_handle<promise_type> handle;
};

NOINLINE void fails() {
  if (work == 0) throw std::runtime_error("no answer");
}

NOINLINE Keeper kept_agent() {
  co_await std::suspend_always{};
  fails();
}

NOINLINE Generator<int> thrown_agent() {
  co_yield 1;
  fails();
}

NOINLINE Keeper caught_agent() {
  try {
    fails();
  } catch (const std::exception&) {
    work = 0;
  }
  co_await std::suspend_always{};
}

NOINLINE void kept_workflow() {
  const Keeper keeper = kept_agent();
  keeper.handle.resume();
  keeper.handle.resume();
  keeper.handle.destroy();
}

NOINLINE void thrown_workflow() {
  Generator<int> numbers = thrown_agent();
  numbers.next();
  try {
    numbers.next();
  } catch (const std::exception&) {
    work = 0;
  }
}

NOINLINE void caught_workflow() {
  const Keeper keeper = caught_agent();
  keeper.handle.resume();
  keeper.handle.resume();
  keeper.handle.destroy();
}

int main() {
  kept_workflow();
  thrown_workflow();
  caught_workflow();
  return 0;
}
