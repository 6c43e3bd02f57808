// The program that is measured: has threads do nothing, in batches, and says how long one round of it took in
// the median batch, in nanoseconds.
//
//   thread_worker create      pthread_create and pthread_join, within a traced call
//   thread_worker traced      the same, and the thread makes a traced call
//   thread_worker region      an empty parallel region of two threads, within a traced call
//   thread_worker outside     the same, with no traced call open
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#define PLAIN __attribute__((no_instrument_function, noinline))

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

PLAIN double nanos_of_batch(void (*work)()) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRoundsPerBatch; ++i) work();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / kRoundsPerBatch;
}

PLAIN void measure(void (*work)()) {
  std::vector<double> nanos;
  for (int batch = 0; batch < kBatches; ++batch) nanos.push_back(nanos_of_batch(work));
  std::nth_element(nanos.begin(), nanos.begin() + kBatches / 2, nanos.end());
  std::printf("nanos %.1f\n", nanos[kBatches / 2]);
}

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
