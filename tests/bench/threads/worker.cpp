// The program that is measured: has threads do nothing, in batches, and says how long one round of it took in
// the median batch, in nanoseconds.
//
//   thread_worker create      pthread_create and pthread_join, within a traced call
//   thread_worker traced      the same, and the thread makes a traced call
//   thread_worker region      an empty parallel region of two threads, within a traced call
//   thread_worker outside     the same, with no traced call open
#include <pthread.h>

#include <string_view>

#include "tests/bench/batches.h"

namespace {

volatile int sink;

PLAIN void* do_nothing(void* argument) { return argument; }

__attribute__((noinline)) void thread_agent() { sink = 1; }

PLAIN void* make_call(void* argument) {
  thread_agent();
  return argument;
}

PLAIN void create_and_join(void* (*body)(void*)) {
  pthread_t thread = 0;
  if (pthread_create(&thread, nullptr, body, nullptr) == 0) pthread_join(thread, nullptr);
}

PLAIN void create() { create_and_join(do_nothing); }
PLAIN void create_traced() { create_and_join(make_call); }

PLAIN void meet_region() {
#pragma omp parallel num_threads(2)
  { __asm__ volatile(""); }
}

constexpr int kBatches = 200;
constexpr int kRoundsPerBatch = 50;

PLAIN void measure(void (*work)()) { llmo::bench::measure(work, kBatches, kRoundsPerBatch); }

__attribute__((noinline)) void outer_workflow(void (*work)()) { measure(work); }

// A thread that has had a traced call before is what a program has most of.
__attribute__((noinline)) void first_workflow() { sink = 1; }

}  // namespace

PLAIN int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  first_workflow();
  if (way == "create") return outer_workflow(create), 0;
  if (way == "traced") return outer_workflow(create_traced), 0;
  if (way == "region") return outer_workflow(meet_region), 0;
  if (way == "outside") return measure(meet_region), 0;
  return 2;
}
