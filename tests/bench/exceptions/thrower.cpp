// The program that is measured: throws through five calls and catches, in batches, and says how long a throw
// took in the median batch, in nanoseconds.
//
//   thrower plain      outside of any call that is traced
//   thrower inside     in a traced call, caught in it
//   thrower leaving    each throw leaves a traced call
#include <stdexcept>
#include <string_view>

#include "tests/bench/batches.h"

namespace {

volatile int sink;

PLAIN void throw_from(int depth) {
  if (depth == 0) throw std::runtime_error("thrown");
  throw_from(depth - 1);
  sink = depth;
}

PLAIN void throw_and_catch() {
  try {
    throw_from(4);
  } catch (const std::exception&) {
    sink = 0;
  }
}

__attribute__((noinline)) void leaving_agent() { throw_from(3); }

PLAIN void leave_and_catch() {
  try {
    leaving_agent();
  } catch (const std::exception&) {
    sink = 0;
  }
}

constexpr int kBatches = 400;
constexpr int kThrowsPerBatch = 50;

PLAIN void measure(void (*work)()) { llmo::bench::measure(work, kBatches, kThrowsPerBatch); }

__attribute__((noinline)) void outer_workflow(void (*work)()) { measure(work); }

// A thread that has had a traced call before is what a program has most of.
__attribute__((noinline)) void first_workflow() { sink = 1; }

}  // namespace

PLAIN int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  first_workflow();
  if (way == "plain") return measure(throw_and_catch), 0;
  if (way == "inside") return outer_workflow(throw_and_catch), 0;
  if (way == "leaving") return outer_workflow(leave_and_catch), 0;
  return 2;
}
