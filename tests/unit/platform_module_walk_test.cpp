// Walks over the loaded modules, and forks in the middle of them.
#include "shim/platform/module_walk.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace llmo::platform {
namespace {

int count_one(dl_phdr_info*, std::size_t, void* count) {
  ++*static_cast<int*>(count);
  return 0;
}

int modules() {
  int count = 0;
  walk_modules(count_one, &count);
  return count;
}

// What a forked child ends with: 0, or the signal that ended its waiting.
int end_of_walking_child() {
  keep_walks_from_fork();
  const pid_t child = fork();
  if (child == 0) {
    let_walks_go_on_in_child();
    alarm(5);
    _exit(modules() > 0 ? 0 : 1);
  }
  let_walks_go_on_in_parent();
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST_CASE("work is done once while modules stay, and may walk itself", "[platform][module_walk]") {
  int times = 0;
  int inside = 0;
  while_modules_stay([&] {
    ++times;
    inside = modules();
  });
  CHECK(times == 1);
  CHECK(inside == modules());
  CHECK(inside > 1);
}

TEST_CASE("a child may walk though its parent was walking when it forked", "[platform][module_walk]") {
  std::atomic<bool> is_over{false};
  std::thread walker([&] {
    while (!is_over) modules();
  });
  int ended_well = 0;
  for (int i = 0; i < 100; ++i) {
    if (end_of_walking_child() != 0) break;
    ++ended_well;
  }
  is_over = true;
  walker.join();
  CHECK(ended_well == 100);
  CHECK(modules() > 0);
}

TEST_CASE("handlers of others may walk while a fork is under way", "[platform][module_walk]") {
  keep_walks_from_fork();
  CHECK(modules() > 0);
  let_walks_go_on_in_parent();
  CHECK(modules() > 0);
}

}  // namespace
}  // namespace llmo::platform
