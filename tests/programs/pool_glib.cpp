// Items for GLib's thread pools: pushed by several, sorted, moved, twice the same, dropped, and gio's tasks.
// flags: -isystem/usr/include/glib-2.0 -isystem/usr/lib/x86_64-linux-gnu/glib-2.0/include
// link: -lgio-2.0 -lgobject-2.0 -lglib-2.0
#include <dlfcn.h>
#include <gio/gio.h>

#include <atomic>
#include <cstdio>

#include "program.h"

constexpr int kItems = 4;
int items[kItems] = {3, 1, 2, 0};
char order[kItems + 1];
std::atomic<int> worked{0}, freed{0};
GMutex gate;

NOINLINE void item_agent() { ++worked; }
NOINLINE void task_agent() { ++worked; }
NOINLINE void thread_agent() { ++worked; }
NOINLINE void dlsym_agent() { ++worked; }

PLAIN void work(gpointer item, gpointer user_data) {
  order[worked] = static_cast<char>('0' + *static_cast<int*>(item));
  if (user_data != &items) std::printf("other user data\n");
  item_agent();
}

PLAIN gint compare(gconstpointer one, gconstpointer other, gpointer) {
  return *static_cast<const int*>(one) - *static_cast<const int*>(other);
}

PLAIN void wait_at_gate(gpointer item, gpointer) {
  g_mutex_lock(&gate);
  g_mutex_unlock(&gate);
  if (item != &gate) item_agent();
}

PLAIN void count_freed(gpointer) { ++freed; }
PLAIN GThreadPool* one_thread(GFunc function) {
  return g_thread_pool_new(function, &items, 1, FALSE, nullptr);
}
PLAIN void finish(GThreadPool* pool) { g_thread_pool_free(pool, FALSE, TRUE); }

// The pool's thread is made in here, and is not its own.
NOINLINE void first_workflow(GThreadPool* pool) { g_thread_pool_push(pool, &items[0], nullptr); }
NOINLINE void second_workflow(GThreadPool* pool) { g_thread_pool_push(pool, &items[1], nullptr); }

// All wait for the gate while they are pushed; so they are worked on in the order of their numbers.
NOINLINE void sorting_workflow() {
  worked = 0;
  GThreadPool* const pool = one_thread(work);
  g_thread_pool_set_sort_function(pool, compare, nullptr);
  g_thread_pool_set_max_threads(pool, 0, nullptr);
  for (int& item : items) g_thread_pool_push(pool, &item, nullptr);
  g_thread_pool_set_sort_function(pool, nullptr, nullptr);
  const gboolean is_moved = g_thread_pool_move_to_front(pool, &items[0]);
  const guint waiting = g_thread_pool_unprocessed(pool);
  g_thread_pool_set_max_threads(pool, 1, nullptr);
  finish(pool);
  std::printf("moved %d, waited %u, order %s\n", is_moved, waiting, order);
}

// The same item waits twice, pushed at two places.
NOINLINE void pushing_workflow(GThreadPool* pool) { g_thread_pool_push(pool, &items[2], nullptr); }
NOINLINE void again_workflow(GThreadPool* pool) { g_thread_pool_push(pool, &items[2], nullptr); }

PLAIN void push_twice() {
  g_mutex_lock(&gate);
  GThreadPool* const pool = one_thread(wait_at_gate);
  g_thread_pool_push(pool, &gate, nullptr);
  pushing_workflow(pool);
  again_workflow(pool);
  g_mutex_unlock(&gate);
  finish(pool);
}

// What is dropped is freed, not worked on; the same item is worked on later, where it is pushed again.
NOINLINE void dropping_workflow(GThreadPool* pool) { g_thread_pool_push(pool, &items[3], nullptr); }

PLAIN void drop() {
  g_mutex_lock(&gate);
  GThreadPool* const pool = g_thread_pool_new_full(wait_at_gate, nullptr, count_freed, 1, TRUE, nullptr);
  g_thread_pool_push(pool, &gate, nullptr);
  while (g_thread_pool_unprocessed(pool) != 0) g_thread_yield();
  dropping_workflow(pool);
  GThread* const opener = g_thread_new(
      "opener", [](gpointer) -> gpointer { return g_usleep(20'000), g_mutex_unlock(&gate), nullptr; },
      nullptr);
  g_thread_pool_free(pool, TRUE, TRUE);
  g_thread_join(opener);
  std::printf("freed %d\n", freed.load());
  GThreadPool* const later = one_thread(wait_at_gate);
  g_thread_pool_push(later, &items[3], nullptr);  // from nowhere
  finish(later);
}

NOINLINE void task_workflow() {
  GTask* const task = g_task_new(nullptr, nullptr, nullptr, nullptr);
  g_task_run_in_thread_sync(task, [](GTask* own, gpointer, gpointer, GCancellable*) {
    task_agent();
    g_task_return_boolean(own, TRUE);
  });
  g_object_unref(task);
}

NOINLINE void threading_workflow() {
  g_thread_join(g_thread_new(
      "own", [](gpointer) -> gpointer { return thread_agent(), nullptr; }, nullptr));
}

// A pool that was made past the library.
NOINLINE void dlsym_workflow() {
  void* const glib = dlopen("libglib-2.0.so.0", RTLD_NOW);
  auto* const make = reinterpret_cast<decltype(&g_thread_pool_new)>(dlsym(glib, "g_thread_pool_new"));
  GThreadPool* const pool = make([](gpointer, gpointer) { dlsym_agent(); }, nullptr, 1, TRUE, nullptr);
  g_thread_pool_push(pool, &items[0], nullptr);
  finish(pool);
}

PLAIN int main() {
  GThreadPool* const pool = one_thread(work);
  first_workflow(pool);
  second_workflow(pool);
  finish(pool);
  sorting_workflow();
  push_twice();
  drop();
  task_workflow();
  threading_workflow();
  dlsym_workflow();
  return 0;
}
