// The program that is measured: starts processes within a traced call, one after the other, and says how long
// one took to start and end in the median batch, in nanoseconds.
//
//   process_starter fork               the child ends at once
//   process_starter traced             the child makes a traced call before
//   process_starter exec               the child becomes /bin/true, with an empty LD_PRELOAD
//   process_starter exec_preloaded     the same, with the environment of this process
//   process_starter spawn              posix_spawn, with an empty LD_PRELOAD
//   process_starter spawn_preloaded    the same, with the environment of this process
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "tests/bench/batches.h"

namespace {

volatile int sink;
char program[] = "/bin/true";
char* arguments[] = {program, nullptr};
char no_preload[] = "LD_PRELOAD=";
std::vector<char*> environment_without;

__attribute__((noinline)) void child_agent() { sink = 1; }

PLAIN void wait_for(pid_t child) {
  if (child > 0) waitpid(child, nullptr, 0);
}

// What the child does is decided in the parent already, as most of what a forked child calls is.
PLAIN void in_fork(void (*work)()) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  wait_for(child);
}

PLAIN void do_nothing() {}
PLAIN void become_without() { execve(program, arguments, environment_without.data()); }
PLAIN void become_preloaded() { execv(program, arguments); }

PLAIN void spawn(char** environment) {
  pid_t child = 0;
  if (posix_spawn(&child, program, nullptr, nullptr, arguments, environment) == 0) wait_for(child);
}

PLAIN void fork_only() { in_fork(do_nothing); }
PLAIN void fork_traced() { in_fork(child_agent); }
PLAIN void exec_without() { in_fork(become_without); }
PLAIN void exec_preloaded() { in_fork(become_preloaded); }
PLAIN void spawn_without() { spawn(environment_without.data()); }
PLAIN void spawn_preloaded() { spawn(environ); }

constexpr int kBatches = 21;
constexpr int kStartsPerBatch = 20;

// The journal is there and its exporter runs before the first start: both are for the whole process.
__attribute__((noinline)) void starting_workflow(void (*work)()) {
  child_agent();
  usleep(100'000);
  llmo::bench::measure(work, kBatches, kStartsPerBatch);
}

}  // namespace

PLAIN int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool is_preload = std::string_view(*entry).starts_with("LD_PRELOAD=");
    if (!is_preload) environment_without.push_back(*entry);
  }
  environment_without.push_back(no_preload);
  environment_without.push_back(nullptr);
  if (way == "fork") return starting_workflow(fork_only), 0;
  if (way == "traced") return starting_workflow(fork_traced), 0;
  if (way == "exec") return starting_workflow(exec_without), 0;
  if (way == "exec_preloaded") return starting_workflow(exec_preloaded), 0;
  if (way == "spawn") return starting_workflow(spawn_without), 0;
  if (way == "spawn_preloaded") return starting_workflow(spawn_preloaded), 0;
  return 2;
}
