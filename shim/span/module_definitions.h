// Programs and libraries as the journal knows them: each has a number and is described once.
//
// Functions refer to their module by it, and so do the addresses of a call stack. Which module an address
// lies in is remembered, so that only the first address of each asks the loader and reads files.
#pragma once

#include <cstdint>
#include <optional>

#include "shim/journal/format.h"
#include "symbolizer/module_map.h"

namespace llmo::span {

// The number of a loaded module: the same as before where it has been here at the same place; it may not be
// described yet. Throws std::bad_alloc. In a SlowSection. Threads: any.
std::uint32_t module_number(const symbolizer::LoadedModule& module);

// Describes it in the journal where that has not happened. Throws std::bad_alloc. In a SlowSection.
void define_module(std::uint32_t number);

// An address of code as records have it, its module described; nothing where no module holds it. Threads:
// any. Signals: safe. No lock and no system call but for the first address of a module.
std::optional<journal::CodeAddress> code_address(std::uintptr_t address);

// Other modules may come to the places of those that are not loaded any more. After dlclose().
void forget_unloaded_numbers();

// In the child of a fork: keeps what the parent had numbered. False where another thread of the parent was in
// the middle of it: then it is given up, and so must be all that was described.
bool restore_modules_after_fork();
void give_up_modules_after_fork();

}  // namespace llmo::span
