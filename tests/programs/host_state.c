// Compares what a process can see of itself before and after traced calls, and says what differs.
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;

struct State {
  int threads;
  int descriptors;
  size_t heap_bytes;
  struct sigaction actions[65];
  sigset_t mask;
};

NOINLINE void inner_agent(void) { work = work + 1; }
NOINLINE void visible_workflow(void) { inner_agent(); }

// Counts with directory streams of its own, so always with the same number of descriptors open.
PLAIN static int entries(const char* path) {
  DIR* const directory = opendir(path);
  int count = 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}

PLAIN static void take(struct State* state) {
  state->threads = entries("/proc/self/task");
  state->descriptors = entries("/proc/self/fd");
  memset(state->actions, 0, sizeof(state->actions));
  for (int number = 1; number < 65; ++number) sigaction(number, NULL, &state->actions[number]);
  sigemptyset(&state->mask);
  pthread_sigmask(SIG_SETMASK, NULL, &state->mask);
  state->heap_bytes = mallinfo2().uordblks;
}

PLAIN static int differs(const char* what, int yes) {
  if (yes) printf("%s changed\n", what);
  return yes;
}

// Field by field: libc leaves the unused part of sa_mask as it was on its stack.
PLAIN static int actions_differ(const struct sigaction* one, const struct sigaction* other) {
  if (one->sa_handler != other->sa_handler || one->sa_flags != other->sa_flags) return 1;
  for (int number = 1; number < 65; ++number) {
    if (sigismember(&one->sa_mask, number) != sigismember(&other->sa_mask, number)) return 1;
  }
  return 0;
}

PLAIN static int handlers_differ(const struct State* one, const struct State* other) {
  int count = 0;
  for (int number = 1; number < 65; ++number)
    count += actions_differ(&one->actions[number], &other->actions[number]);
  return count;
}

int main(void) {
  static struct State before;
  static struct State after;
  take(&before);  // the first run warms up what readdir and mallinfo need
  take(&before);
  int wrong = 0;
  for (int i = 0; i < 10000; ++i) {
    errno = 4242 + i % 3;
    visible_workflow();
    if (errno != 4242 + i % 3) ++wrong;
  }
  take(&after);

  int bad = differs("errno", wrong != 0);
  bad |= differs("threads", before.threads != after.threads);
  bad |= differs("descriptors", before.descriptors != after.descriptors);
  bad |= differs("heap", before.heap_bytes != after.heap_bytes);
  bad |= differs("signal handlers", handlers_differ(&before, &after));
  bad |= differs("signal mask", memcmp(&before.mask, &after.mask, sizeof(before.mask)) != 0);
  bad |= differs("children", waitpid(-1, NULL, 0) != -1 || errno != ECHILD);
  puts(bad ? "not the same" : "the same");
  return bad;
}
