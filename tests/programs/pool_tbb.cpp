// oneTBB: algorithms, task groups, arenas, graphs and pipelines, each from a workflow of its own, some at the
// same time; tasks that throw, are cancelled, are suspended, come from nowhere.
// flags: -Wno-deprecated-declarations
// link: -ltbb
#include <oneapi/tbb.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "program.h"

constexpr int kItems = 64;
std::atomic<int> sum{0};
std::atomic<int> caught{0};

NOINLINE void for_agent(int item) { sum += item; }
NOINLINE int reduce_agent(int item) { return ++sum, item; }
NOINLINE void invoke_agent() { ++sum; }
NOINLINE void group_agent() { ++sum; }
NOINLINE void inner_agent() { ++sum; }
NOINLINE void enqueued_agent() { ++sum; }
NOINLINE void arena_agent() { ++sum; }
NOINLINE void node_agent() { ++sum; }
NOINLINE void stage_agent() { ++sum; }
NOINLINE void throwing_agent() { throw std::runtime_error("no"); }
NOINLINE void before_agent() { ++sum; }
NOINLINE void resumed_agent() { ++sum; }
NOINLINE void storm_agent() { ++sum; }
NOINLINE void nowhere_agent() { ++sum; }

NOINLINE void for_workflow() {
  tbb::parallel_for(0, kItems, [](int item) { for_agent(item); });
  tbb::parallel_for(
      tbb::blocked_range<int>(0, kItems),
      [](const tbb::blocked_range<int>& range) {
        for (int item = range.begin(); item != range.end(); ++item) for_agent(item);
      },
      tbb::static_partitioner());
}

NOINLINE void reduce_workflow() {
  sum += tbb::parallel_reduce(
      tbb::blocked_range<int>(0, kItems, 1), 0,
      [](const tbb::blocked_range<int>& range, int so_far) {
        for (int item = range.begin(); item != range.end(); ++item) so_far += reduce_agent(item);
        return so_far;
      },
      [](int one, int other) { return one + other; });
}

NOINLINE void invoke_workflow() { tbb::parallel_invoke(invoke_agent, invoke_agent, invoke_agent); }

// A task runs others and waits for them: meanwhile its thread does the work of anybody.
NOINLINE void nested_agent() {
  tbb::task_group inner;
  for (int i = 0; i < 8; ++i) inner.run(inner_agent);
  inner.wait();
}

NOINLINE void group_workflow() {
  tbb::task_group group;
  for (int i = 0; i < 8; ++i) group.run(group_agent);
  group.run(nested_agent);
  group.run(group.defer(group_agent));
  group.wait();
}

NOINLINE void arena_workflow(tbb::task_arena& arena, std::atomic<int>& waiting) {
  for (int i = 0; i < 4; ++i) arena.enqueue([&] { enqueued_agent(), --waiting; });
  arena.execute([] { arena_agent(); });
}

NOINLINE void graph_workflow() {
  namespace flow = tbb::flow;
  flow::graph graph;
  flow::function_node<int, int> first(graph, flow::unlimited, [](int item) { return node_agent(), item; });
  flow::function_node<int, int> second(graph, flow::serial, [](int item) { return node_agent(), item; });
  flow::make_edge(first, second);
  for (int i = 0; i < 8; ++i) first.try_put(i);
  graph.wait_for_all();
}

NOINLINE void pipeline_workflow() {
  int item = 0;
  tbb::parallel_pipeline(
      4, tbb::make_filter<void, int>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
           if (item == 8) control.stop();
           return item++;
         }) & tbb::make_filter<int, int>(tbb::filter_mode::parallel, [](int one) {
           return stage_agent(), one;
         }) & tbb::make_filter<int, void>(tbb::filter_mode::serial_in_order, [](int) { stage_agent(); }));
}

NOINLINE void throwing_workflow() {
  tbb::task_group group;
  group.run(throwing_agent);
  try {
    group.wait();
  } catch (const std::runtime_error&) {
    ++caught;
  }
}

NOINLINE void cancelling_workflow() {
  tbb::task_group_context context;
  context.cancel_group_execution();
  tbb::parallel_for(
      0, kItems, [](int item) { for_agent(item); }, context);
}

NOINLINE void suspending_workflow() {
  std::thread other;
  tbb::task_group group;
  group.run([&] {
    before_agent();
    tbb::task::suspend(
        [&](tbb::task::suspend_point point) { other = std::thread([point] { tbb::task::resume(point); }); });
    resumed_agent();
  });
  group.wait();
  other.join();
}

NOINLINE void storm_workflow() {
  tbb::parallel_for(0, 200, [](int) {
    tbb::task_group inner;
    for (int i = 0; i < 4; ++i) inner.run(storm_agent);
    inner.wait();
  });
}

// Spawned by nobody who has a span, done by threads that wait within one.
PLAIN void from_nowhere() {
  tbb::task_group group;
  for (int i = 0; i < 32; ++i) group.run(nowhere_agent);
  for_workflow();
  group.wait();
}

PLAIN void run_at_once() {
  std::vector<std::thread> threads;
  for (void (*run)() : {for_workflow, reduce_workflow, group_workflow, storm_workflow})
    threads.emplace_back([run] {
      for (int i = 0; i < 5; ++i) run();
    });
  for (std::thread& thread : threads) thread.join();
}

PLAIN int main(int argc, char** argv) {
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, 4);
  if (argc > 1 && std::string(argv[1]) == "at_once") {
    run_at_once();
    return 0;
  }
  tbb::task_arena arena(4);
  std::atomic<int> waiting{4};
  for_workflow();
  reduce_workflow();
  invoke_workflow();
  group_workflow();
  arena_workflow(arena, waiting);
  while (waiting != 0) std::this_thread::yield();
  graph_workflow();
  pipeline_workflow();
  throwing_workflow();
  cancelling_workflow();
  suspending_workflow();
  from_nowhere();
  std::printf("sum %d, caught %d\n", sum.load(), caught.load());
  return 0;
}
