// What the coroutine programs share: a generator, and a task that awaits others by symmetric transfer.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "program.h"

// gcc 12 cannot compile symmetric transfer (an await_suspend() that returns a handle) in functions that are
// instrumented and optimised: an internal compiler error.
#if defined(__clang__) || !defined(__OPTIMIZE__)
#define HAS_SYMMETRIC_TRANSFER 1
#else
#define HAS_SYMMETRIC_TRANSFER 0
#endif

template <typename T>
class Generator {
 public:
  struct promise_type {
    Generator get_return_object() { return Generator(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T next) noexcept {
      value = next;
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() { throw; }
    T value{};
  };
  using Handle = std::coroutine_handle<promise_type>;

  explicit Generator(Handle handle) : handle_(handle) {}
  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Generator() {
    if (handle_) handle_.destroy();
  }

  bool next() {
    handle_.resume();
    return !handle_.done();
  }
  T value() const { return handle_.promise().value; }
  Handle release() { return std::exchange(handle_, {}); }

 private:
  Handle handle_;
};

// Nobody waits for it and nobody destroys it: it runs at once and its frame goes with its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { std::terminate(); }
  };
};

// Suspends and leaves the handle where it was asked to.
struct Parked {
  std::coroutine_handle<>& place;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { place = handle; }
  void await_resume() const noexcept {}
};

#if HAS_SYMMETRIC_TRANSFER

// Starts when it is awaited, and hands over to who awaits it when it ends.
class Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct HandOver {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) const noexcept { return ended.promise().waiting; }
    void await_resume() const noexcept {}
  };
  struct promise_type {
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    HandOver final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { error = std::current_exception(); }
    std::coroutine_handle<> waiting = std::noop_coroutine();
    std::exception_ptr error;
  };

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().waiting = waiting;
    return handle_;
  }
  void await_resume() const {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
  }

  void start() { handle_.resume(); }
  bool done() const { return handle_.done(); }

 private:
  Handle handle_;
};

#endif
