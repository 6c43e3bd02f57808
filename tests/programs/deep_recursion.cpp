// 100 000 calls of a matching function, one within the other, and one more afterwards.
// flags: -fno-optimize-sibling-calls
#include <pthread.h>

#include "program.h"

volatile int work = 0;

NOINLINE void deep_agent(int left) {
  if (left > 1) deep_agent(left - 1);
  work = work + 1;
}

NOINLINE void after_agent() { work = work + 1; }

void* body(void*) {
  deep_agent(100'000);
  after_agent();
  return nullptr;
}

int main() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256UL << 20);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, body, nullptr) != 0) return 1;
  pthread_join(thread, nullptr);
  return work == 100'001 ? 0 : 1;
}
