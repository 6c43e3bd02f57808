// What a preload costs a program that does nothing: /bin/true, from spawn to its end.
#pragma once

#include "tests/bench/samples.h"
#include "tests/bench/subject.h"

namespace llmo::bench {

// Microseconds of each spawn, taken in turns.
struct StartTimes {
  Series bare;
  Series empty;       // an empty hook library preloaded: what any preload costs
  Series llmobserve;  // without figures where it is not built
};

StartTimes measure_starts(const Places& places, std::size_t spawns);

}  // namespace llmo::bench
