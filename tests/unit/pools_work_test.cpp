// Work that takes its place along, without the libraries that it is made for: what they do with it is done
// here.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "shim/platform/export.h"
#include "shim/pools/glib_pools.h"
#include "shim/pools/tbb_tasks.h"
#include "shim/pools/uv_work.h"
#include "shim/span/current.h"
#include "shim/span/entered_context.h"
#include "shim/span/tracer.h"

namespace llmo::pools {
namespace {

__attribute__((noinline)) std::uint64_t here() { return span::current_context(LLMO_STACK_ADDRESS()).span; }

span::Inheritance place(std::uint64_t span) { return {{{1, 2}, span, journal::kFlagSampled}, nullptr}; }

// Runs `work` at that place.
template <typename Work>
__attribute__((noinline)) void at(std::uint64_t span, Work work) {
  const span::EnteredContext entered(place(span), LLMO_STACK_ADDRESS());
  work();
}

template <typename Work>
void on_thread(Work work) {
  std::thread(work).join();
}

// --- libuv

struct Queued {
  UvWorkCallback work;
  UvAfterCallback after;
};
Queued g_queued;
std::uint64_t g_work_place, g_after_place;
int g_status;

int queue(void*, void*, UvWorkCallback work, UvAfterCallback after) {
  g_queued = {work, after};
  return 0;
}

int refuse(void*, void*, UvWorkCallback, UvAfterCallback) { return -22; }

void note_work(void*) { g_work_place = here(); }
void note_after(void*, int status) {
  g_after_place = here();
  g_status = status;
}

int queue_at_zero(UvQueueWork* queue_work, void* request, UvAfterCallback after = note_after) {
  return queue_uv_work(queue_work, nullptr, request, note_work, after, LLMO_STACK_ADDRESS());
}

TEST_CASE("work runs where it was queued, and so does what follows it", "[pools][uv]") {
  REQUIRE(span::recording());
  int request = 0;
  at(5, [&] { CHECK(queue_at_zero(queue, &request) == 0); });
  CHECK(g_queued.work != note_work);
  on_thread([&] {
    g_queued.work(&request);
    CHECK(here() == 0);
  });
  at(6, [&] { g_queued.after(&request, -125); });
  CHECK(g_work_place == 5);
  CHECK(g_after_place == 5);
  CHECK(g_status == -125);
}

TEST_CASE("what is queued from nowhere, or without work, is left as it is", "[pools][uv]") {
  int request = 0;
  CHECK(queue_at_zero(queue, &request) == 0);
  CHECK(g_queued.work == note_work);
  CHECK(g_queued.after == note_after);
  at(5,
     [&] { CHECK(queue_uv_work(queue, nullptr, &request, nullptr, note_after, LLMO_STACK_ADDRESS()) == 0); });
  CHECK(g_queued.work == nullptr);
  CHECK(g_queued.after == note_after);
}

TEST_CASE("refused work is forgotten, and its error is the library's", "[pools][uv]") {
  int request = 0;
  at(5, [&] { CHECK(queue_at_zero(queue, &request) == 0); });
  const Queued ours = g_queued;
  at(5, [&] { CHECK(queue_at_zero(refuse, &request) == -22); });
  g_work_place = 99;
  ours.work(&request);
  ours.after(&request, 0);
  CHECK(g_work_place == 99);
}

TEST_CASE("work without anything to follow can be queued again", "[pools][uv]") {
  int request = 0;
  for (std::uint64_t round = 7; round < 10; ++round) {
    at(round, [&] { queue_at_zero(queue, &request, nullptr); });
    g_queued.work(&request);
    CHECK(g_work_place == round);
    g_queued.after(&request, 0);
  }
}

// --- GLib

struct Pool {
  GlibPoolFunction function;
  void* user_data;
};

std::vector<std::pair<void*, std::uint64_t>> g_worked;

void work_on(void* item, void*) { g_worked.emplace_back(item, here()); }
void work_otherwise(void* item, void*) { g_worked.emplace_back(item, here()); }

int push_nothing(void*, void*, void**) { return 1; }

void push_at(std::uint64_t span, Pool& pool, void* item) {
  at(span, [&] { CHECK(push_glib_item(push_nothing, &pool, item, nullptr, LLMO_STACK_ADDRESS()) == 1); });
}

std::uint64_t place_of_next(const Pool& pool, void* item) {
  pool.function(item, pool.user_data);
  return g_worked.back().second;
}

TEST_CASE("an item is worked on where it was pushed", "[pools][glib]") {
  Pool pool{carrying_pool_function(work_on), nullptr};
  REQUIRE(pool.function != work_on);
  CHECK(carrying_pool_function(work_on) == pool.function);
  CHECK(carrying_pool_function(pool.function) == pool.function);
  CHECK(carrying_pool_function(nullptr) == nullptr);
  int one = 0, other = 0;
  push_at(5, pool, &one);
  push_at(6, pool, &other);
  at(9, [&] {
    CHECK(place_of_next(pool, &other) == 6);
    CHECK(place_of_next(pool, &one) == 5);
    CHECK(place_of_next(pool, &one) == 0);  // pushed past us
  });
}

TEST_CASE("an item that waits twice has its place where both are the same", "[pools][glib]") {
  Pool pool{carrying_pool_function(work_on), nullptr};
  int item = 0;
  push_at(5, pool, &item);
  push_at(5, pool, &item);
  CHECK(place_of_next(pool, &item) == 5);
  CHECK(place_of_next(pool, &item) == 5);
  push_at(5, pool, &item);
  push_at(6, pool, &item);
  CHECK(place_of_next(pool, &item) == 0);
  CHECK(place_of_next(pool, &item) == 0);
  push_at(6, pool, &item);
  CHECK(place_of_next(pool, &item) == 6);
}

TEST_CASE("the same item in two pools has two places, and none in a pool that was freed", "[pools][glib]") {
  Pool pool{carrying_pool_function(work_on), nullptr};
  Pool other{carrying_pool_function(work_otherwise), nullptr};
  Pool foreign{work_on, nullptr};
  int item = 0;
  push_at(5, pool, &item);
  push_at(6, other, &item);
  push_at(7, foreign, &item);
  CHECK(place_of_next(other, &item) == 6);
  push_at(6, other, &item);
  forget_glib_items(&other);
  CHECK(place_of_next(other, &item) == 0);
  CHECK(place_of_next(pool, &item) == 5);
}

// --- oneTBB

// Laid out as tbb::detail::d1::task is.
class Task {
 public:
  virtual ~Task() = default;
  virtual Task* execute(void* data) = 0;
  virtual Task* cancel(void* data) = 0;
};

struct NotingTask : Task {
  Task* execute(void* data) override {
    places.push_back(here());
    static_cast<std::vector<std::uint64_t>*>(data)->push_back(here());
    if (throws) throw std::runtime_error("no");
    return next;
  }
  Task* cancel(void*) override {
    ++cancelled;
    return nullptr;
  }
  std::vector<std::uint64_t> places;
  int cancelled = 0;
  bool throws = false;
  Task* next = nullptr;
};

TbbTask& as_tbb(Task& task) { return reinterpret_cast<TbbTask&>(task); }
const void* table_of(const Task& task) { return *reinterpret_cast<const void* const*>(&task); }

void spawn_at(std::uint64_t span, Task& task) {
  at(span, [&] { carry_place(as_tbb(task), LLMO_STACK_ADDRESS()); });
}

TEST_CASE("a task is executed where it was spawned, and is then as it was", "[pools][tbb]") {
  NotingTask task;
  std::vector<std::uint64_t> data;
  const void* const table = table_of(task);
  for (std::uint64_t round = 5; round < 15; ++round) {
    spawn_at(round, task);
    CHECK(table_of(task) != table);
    spawn_at(99, task);  // it was handed over already
    Task* const next = static_cast<Task*>(&task)->execute(&data);
    CHECK(next == nullptr);
    CHECK(task.places.back() == round);
    CHECK(table_of(task) == table);
  }
  CHECK(data == task.places);
  at(5, [&] { static_cast<Task*>(&task)->execute(&data); });
  CHECK(task.places.back() == 5);
}

TEST_CASE("what a task returns comes next, at the same place", "[pools][tbb]") {
  NotingTask first, second;
  std::vector<std::uint64_t> data;
  first.next = &second;
  second.next = &second;
  spawn_at(5, first);
  Task* next = static_cast<Task*>(&first)->execute(&data);
  REQUIRE(next == &second);
  next = next->execute(&data);
  REQUIRE(next == &second);
  second.next = nullptr;
  CHECK(next->execute(&data) == nullptr);
  CHECK(second.places == std::vector<std::uint64_t>{5, 5});
}

TEST_CASE("a task that throws, is cancelled or is destroyed is itself again", "[pools][tbb]") {
  std::vector<std::uint64_t> data;
  NotingTask thrower;
  thrower.throws = true;
  const void* const table = table_of(thrower);
  spawn_at(5, thrower);
  CHECK_THROWS_AS(static_cast<Task*>(&thrower)->execute(&data), std::runtime_error);
  CHECK(here() == 0);
  CHECK(table_of(thrower) == table);
  spawn_at(5, thrower);
  static_cast<Task*>(&thrower)->cancel(&data);
  CHECK(thrower.cancelled == 1);
  CHECK(table_of(thrower) == table);
  Task* const never = new NotingTask;
  spawn_at(5, *never);
  delete never;
}

TEST_CASE("tasks go from thread to thread with their places", "[pools][tbb]") {
  constexpr std::size_t kTasks = 2'000;
  static std::vector<NotingTask> tasks(kTasks);
  std::atomic<std::size_t> spawned{0};
  std::thread spawner([&] {
    for (std::size_t i = 0; i < kTasks; ++i) {
      spawn_at(1 + i % 10, tasks[i]);
      spawned.store(i + 1, std::memory_order_release);
    }
  });
  std::vector<std::uint64_t> data;
  for (std::size_t done = 0; done < kTasks;) {
    while (spawned.load(std::memory_order_acquire) == done) std::this_thread::yield();
    static_cast<Task*>(&tasks[done])->execute(&data);
    ++done;
  }
  spawner.join();
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kTasks; ++i) wrong += data[i] == 1 + i % 10 ? 0 : 1;
  CHECK(wrong == 0);
}

struct NotingDelegate final : TbbDelegate {
  bool operator()() const override {
    place = here();
    return true;
  }
  mutable std::uint64_t place = 0;
};

TEST_CASE("what another thread does for one that waits is done at its place", "[pools][tbb]") {
  NotingDelegate delegate;
  at(5, [&] {
    const CarriedDelegate carried(delegate, LLMO_STACK_ADDRESS());
    on_thread([&] { CHECK(carried()); });
    CHECK(delegate.place == 5);
    CHECK(carried());
    CHECK(delegate.place == 5);
  });
}

}  // namespace
}  // namespace llmo::pools
