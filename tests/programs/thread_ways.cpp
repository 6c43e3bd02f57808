// Every way in which a program makes threads, and what it then expects of them. The exit code says which
// expectation failed.
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <threads.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <semaphore>
#include <thread>

#include "program.h"

std::atomic<int> work{0};

NOINLINE void early_agent() { ++work; }
NOINLINE void c11_agent() { ++work; }
NOINLINE void jthread_agent() { ++work; }
NOINLINE void async_agent() { ++work; }
NOINLINE void attribute_agent() { ++work; }
NOINLINE void detached_agent() { ++work; }
NOINLINE void destructor_agent() { ++work; }
NOINLINE void root_agent() { ++work; }

// --- before main

PLAIN static void* run_early(void*) {
  early_agent();
  return nullptr;
}

NOINLINE static void early_workflow() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, run_early, nullptr) == 0) pthread_join(thread, nullptr);
}

__attribute__((constructor)) PLAIN static void before_main() {
  std::thread(root_agent).join();
  early_workflow();
}

// --- C11

PLAIN static int run_c11(void* argument) {
  c11_agent();
  const int number = *static_cast<int*>(argument);
  if (number < 0) thrd_exit(number);
  return number;
}

PLAIN static bool c11_gives_back(int number) {
  thrd_t thread;
  int result = 0;
  return thrd_create(&thread, run_c11, &number) == thrd_success &&
         thrd_join(thread, &result) == thrd_success && result == number;
}

NOINLINE static bool c11_workflow() { return c11_gives_back(0x7fffffff) && c11_gives_back(-5); }

// --- C++

NOINLINE static bool cpp_workflow() {
  std::jthread thread([](const std::stop_token& token) {
    while (!token.stop_requested()) usleep(100);
    jthread_agent();
  });
  thread.request_stop();
  thread.join();
  auto answer = std::async(std::launch::async, [] {
    async_agent();
    return 3;
  });
  return answer.get() == 3;
}

// --- attributes

struct Wanted {
  void* stack;
  std::size_t size;
};

PLAIN static void* run_with_attributes(void* argument) {
  const auto& wanted = *static_cast<Wanted*>(argument);
  attribute_agent();
  pthread_attr_t attributes;
  void* stack = nullptr;
  std::size_t size = 0;
  int state = 0;
  cpu_set_t processors;
  CPU_ZERO(&processors);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &stack, &size);
  pthread_attr_getdetachstate(&attributes, &state);
  pthread_attr_destroy(&attributes);
  pthread_getaffinity_np(pthread_self(), sizeof processors, &processors);
  const bool is_right = size == wanted.size && (wanted.stack == nullptr || stack == wanted.stack) &&
                        state == PTHREAD_CREATE_JOINABLE && CPU_COUNT(&processors) == 1;
  return is_right ? argument : nullptr;
}

PLAIN static bool runs_with(pthread_attr_t* attributes, Wanted wanted) {
  pthread_t thread;
  void* result = nullptr;
  return pthread_create(&thread, attributes, run_with_attributes, &wanted) == 0 &&
         pthread_join(thread, &result) == 0 && result == &wanted;
}

NOINLINE static bool attributes_workflow() {
  constexpr std::size_t kSize = 96 << 10;
  static std::byte room[kSize] __attribute__((aligned(4096)));
  cpu_set_t processor;
  CPU_ZERO(&processor);
  CPU_SET(sched_getcpu(), &processor);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof processor, &processor);
  pthread_attr_setstacksize(&attributes, kSize);
  const bool by_size = runs_with(&attributes, {nullptr, kSize});
  pthread_attr_setstack(&attributes, room, kSize);
  const bool by_address = runs_with(&attributes, {room, kSize});
  // One that cannot be had: the program's own error.
  CPU_ZERO(&processor);
  CPU_SET(CPU_SETSIZE - 1, &processor);
  pthread_attr_setaffinity_np(&attributes, sizeof processor, &processor);
  pthread_t thread;
  const bool fails = pthread_create(&thread, &attributes, run_with_attributes, nullptr) == EINVAL;
  pthread_attr_destroy(&attributes);
  return by_size && by_address && fails;
}

// --- ends

pthread_key_t key;

PLAIN static void at_thread_end(void*) { destructor_agent(); }

std::binary_semaphore spins{0};

// Cancelled at whichever instruction.
NOINLINE static void spinning_agent() {
  spins.release();
  for (;;) __asm__ volatile("");
}

PLAIN static void* spin(void* argument) {
  pthread_setspecific(key, &key);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
  spinning_agent();
  return argument;
}

NOINLINE static bool cancelling_workflow() {
  pthread_key_create(&key, at_thread_end);
  pthread_t thread;
  void* result = nullptr;
  if (pthread_create(&thread, nullptr, spin, nullptr) != 0) return false;
  spins.acquire();
  pthread_cancel(thread);
  pthread_join(thread, &result);
  return result == PTHREAD_CANCELED;
}

std::binary_semaphore detached_is_done{0};

NOINLINE static void detaching_workflow() {
  std::thread([] {
    detached_agent();
    detached_is_done.release();
  }).detach();
  detached_is_done.acquire();
}

// Is still at it when main() returns.
NOINLINE static void lasting_agent() {
  detached_is_done.release();
  for (;;) pause();
}

PLAIN int main() {
  int result = 0;
  if (!c11_workflow()) result |= 1;
  if (!cpp_workflow()) result |= 2;
  if (!attributes_workflow()) result |= 4;
  if (!cancelling_workflow()) result |= 8;
  detaching_workflow();
  if (work != 10) result |= 16;
  std::thread(lasting_agent).detach();
  detached_is_done.acquire();
  return result;
}
