// Three generations of forks, two children each, all in one workflow; every process makes ten spans. The last
// one of each generation is left without being waited for.
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;

NOINLINE void member_agent(void) { work = work + 1; }

static void generation(int left) {
  for (int child = 0; left > 0 && child < 2; ++child) {
    if (fork() == 0) {
      generation(left - 1);
      for (int call = 0; call < 10; ++call) member_agent();
      _exit(0);
    }
    if (child == 0) wait(NULL);
  }
}

NOINLINE void family_workflow(void) {
  generation(3);
  for (int call = 0; call < 10; ++call) member_agent();
}

int main(void) {
  family_workflow();
  return 0;
}
