// Thousands of threads that do little, one after the other and many at a time; says how many mappings there
// are after a tenth of them, and how many at the end.
#include <pthread.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "program.h"

thread_local volatile int work = 0;

NOINLINE void inner_agent() { work = work + 1; }
NOINLINE void outer_agent() { inner_agent(); }

PLAIN static void* body(void*) {
  outer_agent();
  return nullptr;
}

PLAIN static int count_mappings() {
  FILE* const file = std::fopen("/proc/self/maps", "re");
  int lines = 0;
  for (int letter = 0; file != nullptr && (letter = std::fgetc(file)) != EOF;)
    lines += letter == '\n' ? 1 : 0;
  if (file != nullptr) std::fclose(file);
  return lines;
}

PLAIN static void have_threads(int at_once, int rounds) {
  std::array<pthread_t, 200> threads;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < at_once; ++i) {
      if (pthread_create(&threads[static_cast<std::size_t>(i)], nullptr, body, nullptr) != 0) _Exit(2);
    }
    for (int i = 0; i < at_once; ++i) pthread_join(threads[static_cast<std::size_t>(i)], nullptr);
  }
}

PLAIN static void have_crowd(int tenths) {
  have_threads(1, 300 * tenths);
  have_threads(200, tenths);
}

NOINLINE static void crowd_workflow() {
  have_crowd(1);
  std::printf("%d ", count_mappings());
  have_crowd(9);
  std::printf("%d\n", count_mappings());
}

PLAIN int main() {
  crowd_workflow();
  return 0;
}
