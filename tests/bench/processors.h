// Who runs where.
#pragma once

namespace llmo::bench {

// Two processors for the program; everything else (runner, daemons, servers, exporter) lives on the last one.
struct Processors {
  int own = 0;
  int second = 0;
  int others = 0;
};

Processors choose_processors();

// Moves this thread, and what it starts from now on.
void stay_on(int cpu);

}  // namespace llmo::bench
