// What threads cost with and without us, side by side.
//
//   bench_threads PROGRAMS LIBRARY EXPORTER ROUNDS
#include "tests/bench/with_without.h"

namespace {

constexpr llmo::bench::Row kRows[] = {
    {"thread_worker", "create", "pthread_create and pthread_join, in a traced call"},
    {"thread_worker", "traced", "the same, and the thread makes a traced call"},
    {"thread_worker", "outside", "OpenMP, gcc: empty region of two threads, outside of traced calls"},
    {"thread_worker", "region", "the same, in a traced call"},
    {"thread_worker_clang", "outside", "OpenMP, clang: the same, outside of traced calls"},
    {"thread_worker_clang", "region", "the same, in a traced call"},
};

}  // namespace

int main(int argc, char** argv) { return llmo::bench::compare_main(argc, argv, "threads", kRows); }
