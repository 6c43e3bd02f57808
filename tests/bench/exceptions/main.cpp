// What throwing and catching costs with and without us, side by side.
//
//   bench_exceptions PROGRAMS LIBRARY EXPORTER ROUNDS
#include "tests/bench/with_without.h"

namespace {

constexpr llmo::bench::Row kRows[] = {
    {"thrower", "plain", "no traced call is open"},
    {"thrower", "inside", "caught in a traced call"},
    {"thrower", "leaving", "each throw leaves a traced call"},
};

}  // namespace

int main(int argc, char** argv) {
  return llmo::bench::compare_main(argc, argv, "throw, five calls, catch", kRows);
}
