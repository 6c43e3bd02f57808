// Child processes of the benchmark, and all that they leave running.
//
// The runner is a "child subreaper": an exporter or a daemon that outlives its parent becomes a child of the
// runner. So what a run left behind can be waited for, and nothing of it outlives the benchmark.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace llmo::bench {

struct Command {
  std::vector<std::string> arguments;    // the program, looked up in PATH, and its arguments
  std::vector<std::string> environment;  // NAME=value; the whole environment of the child
  std::string output;                    // file that gets standard output and error, replaced
};

// Makes orphans ours. Called once, before the first child.
void adopt_orphans();

// Starts a command; returns its pid or -1. The caller waits for it.
pid_t start(const Command& command);

// Waits for a child; kills it at the deadline. Returns the exit status, or -1 if it did not exit by itself.
int wait_for(pid_t pid, std::chrono::milliseconds deadline);

// start() and wait_for() in one. Returns -1 also where it could not be started.
int run(const Command& command, std::chrono::milliseconds deadline = std::chrono::seconds{60});

// Waits until no child is left but `keep` (0: none at all). What is still there at the deadline is killed;
// returns false then.
bool wait_for_orphans(pid_t keep, std::chrono::milliseconds deadline);

}  // namespace llmo::bench
