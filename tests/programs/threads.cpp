// Threads that a workflow starts, by both ways; and one that is started outside any workflow.
#include <pthread.h>

#include <thread>

#include "program.h"

volatile int work = 0;

NOINLINE void first_agent() { work = work + 1; }
NOINLINE void second_agent() { work = work + 1; }
NOINLINE void lonely_agent() { work = work + 1; }

void* body(void*) {
  first_agent();
  return nullptr;
}

NOINLINE void start_workflow() {
  pthread_t thread;
  pthread_create(&thread, nullptr, body, nullptr);
  pthread_join(thread, nullptr);
  std::thread(second_agent).join();
}

int main() {
  start_workflow();
  std::thread(lonely_agent).join();
  return 0;
}
