// A process that adopts its descendants' orphans (as pid 1, or by argument `subreaper`) makes a traced call
// and waits for children until there are none: it must see its own child, once, and nobody else.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;
static volatile int children_signalled = 0;

NOINLINE void small_agent(void) { work = work + 1; }

PLAIN static void on_child(int number) {
  (void)number;
  children_signalled = children_signalled + 1;
}

// By a handler: pid 1 does not die of a signal that it has none for.
PLAIN static void on_alarm(int number) {
  (void)number;
  _exit(9);
}

PLAIN int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "subreaper") == 0) prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGCHLD, on_child);
  small_agent();
  signal(SIGALRM, on_alarm);
  alarm(6);  // a child that never ends must not hang the test
  const pid_t own = fork();
  if (own == 0) _exit(3);
  pid_t child = 0;
  while ((child = wait(NULL)) > 0) puts(child == own ? "own child" : "unknown child");
  printf("%s, SIGCHLD %d\n", errno == ECHILD ? "no child left" : "wait failed", children_signalled);
  return 0;
}
