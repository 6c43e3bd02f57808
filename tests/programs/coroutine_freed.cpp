// Coroutines whose frames are freed at their end and stay as they were, as some allocators leave memory.
#include <cstddef>
#include <cstdlib>

#include "coroutine_types.h"

struct Fleeting {
  struct promise_type {
    static void* operator new(std::size_t size) { return std::malloc(size); }
    static void operator delete(void*, std::size_t) {}
    Fleeting get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { std::terminate(); }
  };
};

std::coroutine_handle<> parked;

NOINLINE Fleeting resumed_agent() { co_await Parked{parked}; }

NOINLINE Fleeting unsuspended_agent() { co_return; }

NOINLINE void freed_workflow() {
  resumed_agent();
  parked.resume();
  unsuspended_agent();
}

int main() {
  freed_workflow();
  return 0;
}
