// The table of work that waits, and whose a library's threads are.
#include "shim/pools/work_table.h"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>
#include <vector>

#include "shim/pools/library_threads.h"

namespace llmo::pools {
namespace {

struct Entry {
  WorkKey key;
  Entry* next = nullptr;
  int value = 0;
};

using Table = WorkTable<llmo::platform::Part::kUv, Entry, 4>;

const void* address(std::uintptr_t number) { return reinterpret_cast<const void*>(number * 64); }

bool put(Table& table, const WorkKey& key, int value) {
  return table.put(key, [&](Entry& entry, bool) { entry.value = value; });
}

// What stands there, which is removed; -1 for nothing.
int take(Table& table, const WorkKey& key) {
  int value = -1;
  table.visit(key, [&](const Entry& entry) {
    value = entry.value;
    return true;
  });
  return value;
}

TEST_CASE("work is found by its address and who does it, until it is removed", "[pools][work_table]") {
  static constinit Table table;
  CHECK(put(table, {address(1), 0}, 10));
  CHECK(put(table, {address(1), 1}, 11));
  CHECK(put(table, {address(2), 0}, 20));
  CHECK(take(table, {address(2), 1}) == -1);
  CHECK(take(table, {address(1), 1}) == 11);
  CHECK(take(table, {address(1), 1}) == -1);
  CHECK(take(table, {address(1), 0}) == 10);
  CHECK(take(table, {address(2), 0}) == 20);
}

TEST_CASE("what is put twice is told so, and is there once", "[pools][work_table]") {
  static constinit Table table;
  std::vector<bool> news;
  for (int i = 0; i < 2; ++i)
    table.put({address(1), 0}, [&](Entry&, bool is_new) { news.push_back(is_new); });
  CHECK(news == std::vector<bool>{true, false});
  CHECK(table.visit({address(1), 0}, [](const Entry&) { return false; }));
  CHECK(take(table, {address(1), 0}) != -1);
  CHECK(take(table, {address(1), 0}) == -1);
}

TEST_CASE("many more pieces of work than buckets are all found, but for those removed",
          "[pools][work_table]") {
  constexpr int kWorks = 10'000;
  static constinit Table table;
  for (int i = 0; i < kWorks; ++i) REQUIRE(put(table, {address(static_cast<std::uintptr_t>(i)), 0}, i));
  table.remove_where([](const Entry& entry) { return entry.value % 2 == 0; });
  for (int i = 0; i < kWorks; ++i) {
    REQUIRE(take(table, {address(static_cast<std::uintptr_t>(i)), 0}) == (i % 2 == 0 ? -1 : i));
  }
}

TEST_CASE("threads that put and take the same work lose none of it", "[pools][work_table]") {
  constexpr int kRounds = 20'000;
  static constinit Table table;
  std::atomic<int> put_in{0}, taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        table.put({address(static_cast<std::uintptr_t>(i % 50)), 0}, [&](Entry& entry, bool is_new) {
          entry.value = is_new ? 1 : entry.value + 1;
          ++put_in;
        });
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        const int value = take(table, {address(static_cast<std::uintptr_t>(i % 50)), 0});
        taken += value == -1 ? 0 : value;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  table.remove_where([&](const Entry& entry) {
    taken += entry.value;
    return true;
  });
  CHECK(put_in == 2 * kRounds);
  CHECK(taken == put_in);
}

void own_function() {}

const void* pointer_to_own() { return reinterpret_cast<const void*>(&own_function); }

TEST_CASE("a thread is the library's that runs one of its functions", "[pools][library_threads]") {
  void* const libuv = dlopen("libuv.so.1", RTLD_NOW | RTLD_LOCAL);
  REQUIRE(libuv != nullptr);
  CHECK(is_library_thread(dlsym(libuv, "uv_run"), nullptr));
  CHECK_FALSE(is_library_thread(pointer_to_own(), nullptr));
  CHECK_FALSE(is_library_thread(dlsym(RTLD_DEFAULT, "getenv"), pointer_to_own()));
  CHECK_FALSE(is_library_thread(nullptr, nullptr));
  dlclose(libuv);
}

TEST_CASE("what a thread of GLib's is made for tells whose it is", "[pools][library_threads]") {
  void* const glib = dlopen("libglib-2.0.so.0", RTLD_NOW | RTLD_LOCAL);
  REQUIRE(glib != nullptr);
  const void* const body = dlsym(glib, "g_thread_new");
  const std::array<const void*, 2> of_glib = {dlsym(glib, "g_free"), nullptr};
  const std::array<const void*, 2> of_program = {pointer_to_own(), nullptr};
  CHECK(is_library_thread(body, of_glib.data()));
  CHECK_FALSE(is_library_thread(body, of_program.data()));
  CHECK_FALSE(is_library_thread(body, nullptr));
  const void* const number = reinterpret_cast<const void*>(std::uintptr_t{1000});
  CHECK_FALSE(is_library_thread(body, number));
}

}  // namespace
}  // namespace llmo::pools
