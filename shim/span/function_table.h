// Decides once for each function whether its calls are traced, and remembers it by address.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "shim/span/thread_state.h"

namespace llmo::span {

// The functions that a traced coroutine is compiled into (span/coroutine_symbols.h), where they are loaded.
struct CoroutineCode {
  std::uint32_t function = 0;  // id of the ramp
  bool by_gcc = false;
  Address ramp = 0;
  Address ramp_end = 0;
  Address resume = 0;
  Address resume_end = 0;
  Address destroy = 0;
  // When a run came to its end that had begun before its frame was known.
  mutable std::atomic<std::uint64_t> unseen_end_ticks{0};
  const CoroutineCode* next = nullptr;  // of all
};

// What the final_suspend() of every promise is a part of.
inline constexpr CoroutineCode kAnyCoroutine{};

struct TracedFunction {
  std::uint32_t id = 0;                      // kNoFunction: for the coroutine's sake only
  const CoroutineCode* coroutine = nullptr;  // that it is a part of; lives for good
  bool is_muted = false;                     // its calls are only counted
};

// The function that starts at `address` if it is traced; decides it where that has not happened. Parts of a
// coroutine are traced if its ramp is. The slow way to what hot_state.h answers for the first module.
// Signals: blocked while a function is decided, so a handler never finds a decision half made. Keeps errno.
std::optional<TracedFunction> traced_function(Address address);

// The traced coroutines; each leads to the next. Signals: safe.
const CoroutineCode* first_coroutine_code();

// From now on the calls of the function are only counted. In a SlowSection.
void mute_function(std::uint32_t function);

// Makes every instrumented call come to traced_function(). Before the first decision.
void keep_hot_page_empty();

// Fills or empties what hot_state.h answers from, after is_paused() has changed: while it is empty every call
// comes to traced_function(). In a SlowSection.
void renew_hot_page();

// Forgets the modules that are not loaded any more: another may come to the same addresses. After dlclose().
void forget_unloaded_modules();

// In the child of a fork: keeps what the parent had decided. False where that had to be given up: then no
// function is decided, and ids begin anew.
bool restore_after_fork();

}  // namespace llmo::span
