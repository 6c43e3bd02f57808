// How functions of the shim are marked.
#pragma once

// Visible outside the library; its name must also stand in libllmobserve.map.
#define LLMO_EXPORT __attribute__((visibility("default")))

// Rare work that must not grow the function that calls it.
#define LLMO_COLD __attribute__((noinline, cold))
