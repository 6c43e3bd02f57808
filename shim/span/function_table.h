// Decides once for each function whether its calls are traced, and remembers it by address.
#pragma once

#include <cstdint>
#include <optional>

#include "shim/span/thread_state.h"

namespace llmo::span {

// The id of the function that starts at `address` if it is traced; decides it where that has not happened.
// The slow way to what hot_state.h answers for the first module. Signals: blocked while a function is
// decided, so a handler never finds a decision half made. Keeps errno.
std::optional<std::uint32_t> traced_function(Address address);

// Makes every instrumented call come to traced_function(). Before the first decision.
void keep_hot_page_empty();

// Forgets the modules that are not loaded any more: another may come to the same addresses. After dlclose().
void forget_unloaded_modules();

// In the child of a fork: keeps what the parent had decided. False where that had to be given up: then no
// function is decided, and ids begin anew.
bool restore_after_fork();

}  // namespace llmo::span
