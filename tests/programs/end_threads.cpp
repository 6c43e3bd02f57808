// A thread ends in the middle of traced calls, in the way that its argument says; a destructor of an object
// in them makes a traced call while it does.
#include <pthread.h>
#include <threads.h>
#include <unistd.h>

#include <cstring>

#include "program.h"

volatile int work = 0;
static volatile int is_inside = 0;

NOINLINE void cleaning_agent() { work = work + 1; }

struct Cleaner {
  PLAIN ~Cleaner() { cleaning_agent(); }
};

PLAIN static bool is(const char* how, const char* name) { return std::strcmp(how, name) == 0; }

NOINLINE void returning_agent() { work = work + 1; }

// Is cancelled, and returns all the same: it may not be, as long as this lasts.
NOINLINE void kept_agent() {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  is_inside = 1;
  while (is_inside == 1) usleep(500);
}

NOINLINE void ending_agent(const char* how) {
  if (is(how, "pthread_exit")) pthread_exit(nullptr);
  if (is(how, "thrd_exit")) thrd_exit(0);
  is_inside = 1;
  for (;;) usleep(1000);
}

NOINLINE void outer_workflow(const char* how) {
  const Cleaner cleaner;
  returning_agent();
  if (is(how, "cancel_late")) {
    kept_agent();
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
  }
  ending_agent(how);
  work = work + 1;
}

PLAIN static void* body(void* how) {
  outer_workflow(static_cast<const char*>(how));
  return nullptr;
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  pthread_t thread;
  if (pthread_create(&thread, nullptr, body, argv[1]) != 0) return 3;
  if (std::strstr(argv[1], "cancel") != nullptr) {
    while (is_inside == 0) usleep(500);
    if (pthread_cancel(thread) != 0) return 4;
    is_inside = 2;
  }
  void* result = nullptr;
  pthread_join(thread, &result);
  const bool cancelled = result == PTHREAD_CANCELED;
  return cancelled == (std::strstr(argv[1], "cancel") != nullptr) ? 0 : 5;
}
