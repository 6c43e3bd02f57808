#include "tests/bench/processors.h"

#include <sched.h>

#include <vector>

namespace llmo::bench {

Processors choose_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<unsigned>(cpu), &allowed)) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) return {};
  return {cpus.front(), cpus[cpus.size() > 1 ? 1 : 0], cpus.back()};
}

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace llmo::bench
