// What starting processes costs with and without us, side by side.
//
//   bench_processes PROGRAMS LIBRARY EXPORTER ROUNDS
#include "tests/bench/with_without.h"

namespace {

constexpr llmo::bench::Row kRows[] = {
    {"process_starter", "fork", "fork, and the child ends at once"},
    {"process_starter", "traced", "fork, and the child makes a traced call"},
    {"process_starter", "exec", "fork and exec of /bin/true, which is not preloaded"},
    {"process_starter", "exec_preloaded", "fork and exec of /bin/true, which is"},
    {"process_starter", "spawn", "posix_spawn of /bin/true, which is not preloaded"},
    {"process_starter", "spawn_preloaded", "posix_spawn of /bin/true, which is"},
};

}  // namespace

int main(int argc, char** argv) {
  return llmo::bench::compare_main(argc, argv, "processes, started in a traced call", kRows);
}
