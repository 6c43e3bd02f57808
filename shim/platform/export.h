// How functions of the shim are marked.
#pragma once

#include <cstdint>

// Visible outside the library; its name must also stand in libllmobserve.map.
#define LLMO_EXPORT __attribute__((visibility("default")))

// Rare work that must not grow the function that calls it.
#define LLMO_COLD __attribute__((noinline, cold))

// Small state that a forked child looks at first. It stands together: each page of it that the child stores
// into is copied, and its code is LLMO_COLD, so that it stands together too.
#define LLMO_AT_FORK __attribute__((section("llmo_at_fork")))

// Where the stack of a hook's caller ends, in the hook itself: the canonical frame address (System V
// psABI 3.2.2). All hooks measure by it, so that addresses of different events can be compared; unlike the
// frame's own address it costs no frame pointer.
#define LLMO_STACK_ADDRESS() reinterpret_cast<std::uintptr_t>(__builtin_dwarf_cfa())
