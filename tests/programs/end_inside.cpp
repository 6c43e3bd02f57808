// Ends in the middle of a workflow, in the way that its argument says.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "program.h"

volatile int work = 0;

NOINLINE void finished_agent() { work = work + 1; }

NOINLINE void ending_agent(const char* how) {
  if (std::strcmp(how, "exit") == 0) std::exit(3);
  if (std::strcmp(how, "_exit") == 0) _exit(4);
  if (std::strcmp(how, "quick_exit") == 0) std::quick_exit(5);
  if (std::strcmp(how, "abort") == 0) std::abort();
  if (std::strcmp(how, "segv") == 0) kill(getpid(), SIGSEGV);
  if (std::strcmp(how, "exec") == 0) execl("/bin/true", "true", nullptr);
  kill(getpid(), SIGKILL);
}

NOINLINE void outer_workflow(const char* how) {
  finished_agent();
  ending_agent(how);
}

int main(int, char** argv) {
  outer_workflow(argv[1]);
  return 0;
}
