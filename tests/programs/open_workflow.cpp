// Stays in a workflow, and in an agent beneath it, for as long as there is the file that its argument names.
// variants: gcc-O2
#include <unistd.h>

#include <cstdio>

#include "program.h"

volatile int work = 0;

NOINLINE void finished_agent() { work = work + 1; }

NOINLINE void waiting_agent(const char* file) {
  std::puts("waiting");
  std::fflush(stdout);
  while (access(file, F_OK) == 0) usleep(20'000);
}

NOINLINE void server_workflow(const char* file) {
  finished_agent();
  waiting_agent(file);
}

int main(int, char** argv) {
  server_workflow(argv[1]);
  return 0;
}
