// The measured program: calls the functions of workload.h in batches and prints what one call costs.
//
//   workload <own cpu> <second cpu> <batches> <pause before each batch, milliseconds>
//
//   hooks /path/of/the/library/that/the/hooks/come/from
//   calls <number of instrumented calls that were made>
//   leaf <nanoseconds per call>      and so on, a line for each workload
//
// It starts on whatever processor it is given, makes one call there, and only then moves to its own: what a
// tracer starts at the first call stays behind and does not compete with the measurement.
#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "tests/bench/workload.h"

namespace llmo::bench {
namespace {

// Results go here, so that no call is dead code.
thread_local volatile unsigned sink;

void move_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

void leaf_batch() {
  unsigned value = sink;
  for (std::size_t call = 0; call < kCallsPerBatch; ++call) value = leaf(value);
  sink = value;
}

void recursion_batch() {
  unsigned value = sink;
  for (std::size_t call = 0; call < kCallsPerBatch; call += kRecursionDepth)
    value = descend(kRecursionDepth, value);
  sink = value;
}

// The same order in every run: it is the tracers that are compared.
std::array<Step, kDistinctFunctions> shuffled_steps() {
  std::array<Step, kDistinctFunctions> steps = kSteps;
  std::shuffle(steps.begin(), steps.end(), std::mt19937{1});
  return steps;
}

const std::array<Step, kDistinctFunctions> shuffled = shuffled_steps();

void functions_batch() {
  unsigned value = sink;
  for (const Step step : shuffled) value = step(value);
  sink = value;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A recorder that works beside the program gets this time to take what the last batch left. The processor is
// awake again before the clock is read.
void pause_before_batch(std::chrono::milliseconds pause) {
  if (pause.count() == 0) return;
  std::this_thread::sleep_for(pause);
  for (int turn = 0; turn < 20'000; ++turn) sink = sink + 1;
}

// Nanoseconds per call of one batch.
double measure_once(void (*batch)(), std::chrono::milliseconds pause) {
  using Clock = std::chrono::steady_clock;
  pause_before_batch(pause);
  const Clock::time_point start = Clock::now();
  batch();
  const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
  return taken.count() / static_cast<double>(kCallsPerBatch);
}

struct Cost {
  double first;  // of the first batch, where everything happens for the first time
  double later;  // of the median batch after it
};

constexpr int kWarmUpBatches = 15;

struct Pace {
  int batches;
  std::chrono::milliseconds pause;
};

Cost measure(void (*batch)(), Pace pace) {
  const double first = measure_once(batch, pace.pause);
  std::vector<double> nanos;
  nanos.reserve(static_cast<std::size_t>(pace.batches));
  for (int i = 0; i < pace.batches; ++i) nanos.push_back(measure_once(batch, pace.pause));
  return {first, median(std::move(nanos))};
}

double measure_two_threads(std::array<int, 2> cpus, Pace pace) {
  std::barrier start{2};
  std::array<double, 2> nanos{};
  const auto body = [&](std::size_t index) {
    move_to(cpus[index]);
    start.arrive_and_wait();
    nanos[index] = measure(leaf_batch, pace).later;
  };
  std::thread first{body, 0};
  std::thread second{body, 1};
  first.join();
  second.join();
  return (nanos[0] + nanos[1]) / 2;
}

const char* origin_of_hooks() {
  Dl_info info{};
  void* const hook = dlsym(RTLD_DEFAULT, "__cyg_profile_func_enter");
  return hook != nullptr && dladdr(hook, &info) != 0 ? info.dli_fname : "none";
}

int run(std::array<int, 2> cpus, Pace pace) {
  sink = leaf(1);
  move_to(cpus[0]);
  // A recorder that looks seldom while nothing happens has found its pace after this.
  for (int batch = 0; batch < kWarmUpBatches; ++batch) measure_once(leaf_batch, pace.pause);
  const Cost leaf_cost = measure(leaf_batch, pace);
  const Cost recursion = measure(recursion_batch, pace);
  const Cost functions = measure(functions_batch, pace);
  const double threads = measure_two_threads(cpus, pace);

  const auto batches = static_cast<std::size_t>(kWarmUpBatches + 5 * (pace.batches + 1));
  const std::size_t calls = 1 + batches * kCallsPerBatch;
  std::printf("hooks %s\ncalls %zu\n", origin_of_hooks(), calls);
  std::printf("leaf %.4f\nrecursion %.4f\nfunctions %.4f\nthreads %.4f\nfirst_calls %.4f\n", leaf_cost.later,
              recursion.later, functions.later, threads, functions.first);
  return 0;
}

}  // namespace
}  // namespace llmo::bench

int main(int argc, char** argv) {
  if (argc == 5) {
    const llmo::bench::Pace pace{std::atoi(argv[3]), std::chrono::milliseconds{std::atoi(argv[4])}};
    return llmo::bench::run({std::atoi(argv[1]), std::atoi(argv[2])}, pace);
  }
  // Keeps it linked; nobody gives so many arguments.
  if (argc > 5) std::printf("%u\n", llmo::bench::never_called(static_cast<unsigned>(argc)));
  return 2;
}
