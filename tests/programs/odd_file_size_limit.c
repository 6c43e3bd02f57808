// Traced calls under a limit on the size of files: argv[1] calls, and argv[2], where given, is the limit in
// bytes, set before the first call. The limit is raised again before the program's own output, which may go
// to a file.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "program.h"

volatile int work = 0;

NOINLINE void small_agent(void) { work = work + 1; }

PLAIN static void set_soft_limit(rlim_t bytes) {
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

PLAIN int main(int argc, char** argv) {
  if (argc > 2) set_soft_limit((rlim_t)atol(argv[2]));
  const long calls = atol(argv[1]);
  for (long call = 0; call < calls; ++call) small_agent();
  set_soft_limit(RLIM_INFINITY);
  puts("done");
  return 0;
}
