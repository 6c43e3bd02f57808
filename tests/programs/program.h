// What the test programs share. They are foreign programs: nothing of llmobserve is included.
#pragma once

// clang drops the hooks of functions that it inlines (-finstrument-functions-after-inlining).
#define NOINLINE __attribute__((noinline))

// Part of the program that is not to be instrumented: the test's own measuring.
#define PLAIN __attribute__((no_instrument_function, noinline))
