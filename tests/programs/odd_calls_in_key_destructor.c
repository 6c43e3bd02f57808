// argv[1] threads, one after the other, whose first and only traced call is made by the destructor of a
// pthread key, when everything else of the thread is being taken down.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;
static pthread_key_t key;

NOINLINE void late_agent(void) { work = work + 1; }

PLAIN static void destroy(void* value) {
  (void)value;
  late_agent();
}

PLAIN static void* body(void* unused) {
  pthread_setspecific(key, &key);
  return unused;
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2 || pthread_key_create(&key, destroy) != 0) return 2;
  for (long count = atol(argv[1]); count > 0; --count) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) != 0) return 1;
    pthread_join(thread, NULL);
    usleep(500);  // no faster than an exporter can empty what the threads leave
  }
  return 0;
}
