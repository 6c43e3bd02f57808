// Regions and tasks of OpenMP, with traced calls in them. Says which of them came out wrong as a program, by
// its exit code; which thread made which call is a matter of chance.
// flags: -fopenmp
#include <omp.h>
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <vector>

#include "program.h"

std::atomic<int> work{0};

// Long enough for other threads to take their part.
PLAIN static void take_time() {
  usleep(300);
  ++work;
}

NOINLINE void step_agent() { take_time(); }
NOINLINE void lonely_agent() { take_time(); }
NOINLINE void section_agent() { take_time(); }
NOINLINE void inner_agent() { take_time(); }
NOINLINE void task_agent() { take_time(); }
NOINLINE void child_agent() { take_time(); }
NOINLINE void part_agent() { take_time(); }

PLAIN static bool is_done(int count) { return work.exchange(0) == count; }

NOINLINE bool region_workflow() {
#pragma omp parallel num_threads(4)
  step_agent();
  return is_done(4);
}

// The same threads, in a region that no workflow meets; tasks that are met there are taken up by threads that
// wait within calls of their own.
NOINLINE void waiting_workflow(){
#pragma omp barrier
}

PLAIN static bool region_outside() {
#pragma omp parallel num_threads(4)
  {
    lonely_agent();
#pragma omp single nowait
    for (int i = 0; i < 6; ++i) {
#pragma omp task
      lonely_agent();
    }
    waiting_workflow();
  }
  return is_done(10);
}

NOINLINE bool loops_workflow() {
#pragma omp parallel for num_threads(3) schedule(static)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(dynamic)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(monotonic : dynamic, 2)
  for (long i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(guided)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(monotonic : guided)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(runtime)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(monotonic : runtime)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(nonmonotonic : runtime)
  for (int i = 0; i < 6; ++i) step_agent();
#pragma omp parallel for num_threads(3) schedule(auto) ordered
  for (int i = 0; i < 6; ++i) step_agent();
  return is_done(54);
}

NOINLINE bool sections_workflow() {
#pragma omp parallel sections num_threads(2)
  {
#pragma omp section
    section_agent();
#pragma omp section
    section_agent();
  }
  return is_done(2);
}

NOINLINE void outer_agent() {
#pragma omp parallel num_threads(2)
  inner_agent();
}

NOINLINE bool nested_workflow() {
#pragma omp parallel num_threads(2)
  outer_agent();
  return is_done(4);
}

// Something that has to be copied by its own constructor, and that is large.
struct Numbers {
  std::vector<int> values = std::vector<int>(4, 1);
  PLAIN int sum() const { return std::accumulate(values.begin(), values.end(), 0); }
};

struct Table {
  alignas(64) int values[256];
};

NOINLINE void plain_tasks_agent() {
  for (int i = 0; i < 8; ++i) {
#pragma omp task
    task_agent();
  }
}

NOINLINE void copied_tasks_agent(std::atomic<int>& sum) {
  Numbers numbers;
  Table table{};
  table.values[255] = 5;
  for (int i = 0; i < 4; ++i) {
#pragma omp task firstprivate(numbers, i) shared(sum)
    {
      task_agent();
      sum += numbers.sum() + i;
    }
#pragma omp task firstprivate(table) shared(sum)
    {
      task_agent();
      sum += table.values[255] + (reinterpret_cast<unsigned long>(&table) % 64 == 0 ? 0 : 100);
    }
  }
}

NOINLINE void parent_task_agent() {
#pragma omp task
  child_agent();
#pragma omp taskwait
}

// Undeferred, final, with dependences, untied; and children of tasks.
NOINLINE void odd_tasks_agent(std::atomic<int>& sum) {
  int first = 1;
#pragma omp task if (0) firstprivate(first) shared(sum)
  {
    task_agent();
    sum += first;
  }
#pragma omp task depend(out : first) shared(first)
  {
    task_agent();
    first = 20;
  }
#pragma omp task depend(in : first) shared(first, sum) priority(3)
  {
    task_agent();
    sum += first;
  }
#pragma omp task untied final(1)
  {
    task_agent();
#pragma omp task
    task_agent();
  }
#pragma omp task
  parent_task_agent();
#pragma omp taskwait
}

// The thread that waits here takes up tasks, which are not its own.
NOINLINE void waiting_agent(){
#pragma omp taskwait
}

NOINLINE bool tasks_workflow() {
  std::atomic<int> sum{0};
#pragma omp parallel num_threads(3)
#pragma omp single
  {
    plain_tasks_agent();
    copied_tasks_agent(sum);
    waiting_agent();
    odd_tasks_agent(sum);
  }
  return is_done(22) && sum == 4 * 4 + 6 + 4 * 5 + 1 + 20;
}

NOINLINE void deeper_agent(int levels) {
  ++work;
#pragma omp task if (levels % 3 != 0)
  if (levels > 1) deeper_agent(levels - 1);
#pragma omp taskwait
}

NOINLINE bool deep_workflow() {
#pragma omp parallel num_threads(3)
#pragma omp single
  deeper_agent(60);
  return is_done(60);
}

NOINLINE bool detached_workflow() {
  omp_event_handle_t seen = {};
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    omp_event_handle_t event = {};
#pragma omp task detach(event) firstprivate(seen)
    {
      task_agent();
      omp_fulfill_event(event);
    }
#pragma omp taskwait
  }
  return is_done(1);
}

NOINLINE void taskloops_agent(std::atomic<long>& sum) {
  Numbers numbers;
#pragma omp taskloop num_tasks(5) shared(sum)
  for (int i = 0; i < 10; ++i) {
    part_agent();
    sum += i;
  }
#pragma omp taskloop grainsize(2) firstprivate(numbers) shared(sum)
  for (long i = 10; i > 0; i -= 2) {
    part_agent();
    sum += numbers.sum() + i;
  }
#pragma omp taskloop shared(sum)
  for (unsigned long long i = 1ULL << 62; i < (1ULL << 62) + 4; ++i) {
    part_agent();
    sum += static_cast<long>(i - (1ULL << 62));
  }
  long reduced = 0;
#pragma omp taskloop num_tasks(3) reduction(+ : reduced)
  for (int i = 0; i < 6; ++i) {
    part_agent();
    reduced += i;
  }
  sum += reduced;
}

NOINLINE bool taskloops_workflow() {
  std::atomic<long> sum{0};
#pragma omp parallel num_threads(3)
#pragma omp single
  taskloops_agent(sum);
  return is_done(25) && sum == 45 + (30 + 5 * 4) + 6 + 15;
}

// Outside of a region: the one thread there is runs them.
NOINLINE bool serial_workflow() {
  std::atomic<long> sum{0};
  taskloops_agent(sum);
  return is_done(25) && sum == 45 + (30 + 5 * 4) + 6 + 15;
}

NOINLINE bool reduction_workflow() {
  int sum = 0;
#pragma omp parallel num_threads(2) reduction(task, + : sum)
  {
#pragma omp task in_reduction(+ : sum)
    {
      task_agent();
      sum += 1;
    }
  }
  return is_done(2) && sum == 2;
}

PLAIN int main() {
  omp_set_max_active_levels(2);
  int result = 0;
  if (!region_workflow()) result |= 1;
  if (!region_outside()) result |= 2;
  if (!loops_workflow() || !sections_workflow()) result |= 4;
  if (!nested_workflow()) result |= 8;
  if (!tasks_workflow() || !deep_workflow()) result |= 16;
  if (!detached_workflow()) result |= 32;
  if (!taskloops_workflow() || !serial_workflow()) result |= 64;
  if (!reduction_workflow()) result |= 128;
  return result;
}
