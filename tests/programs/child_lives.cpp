// Children and their parents' lives. With one argument:
//   threads   three threads, each in a workflow of its own; the second one forks while all are open
//   orphan    the parent ends before its grandchild does
//   daemon    daemon(3) in a workflow
//   storm     300 short processes from one workflow: forked, forked and replaced, spawned
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "program.h"

volatile int work = 0;
char self[4096];

NOINLINE void child_agent() { work = work + 1; }
NOINLINE void later_agent() { work = work + 1; }

// --- threads

pthread_barrier_t all_open;
pthread_barrier_t forked;

PLAIN void fork_here() {
  const pid_t child = fork();
  if (child == 0) {
    child_agent();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

PLAIN void meet(bool forks) {
  pthread_barrier_wait(&all_open);
  if (forks) fork_here();
  pthread_barrier_wait(&forked);
}

NOINLINE void* first_workflow(void*) {
  meet(false);
  return nullptr;
}
NOINLINE void* second_workflow(void*) {
  meet(true);
  later_agent();
  return nullptr;
}
NOINLINE void* third_workflow(void*) {
  meet(false);
  return nullptr;
}

PLAIN void threads() {
  pthread_barrier_init(&all_open, nullptr, 3);
  pthread_barrier_init(&forked, nullptr, 3);
  void* (*const bodies[])(void*) = {first_workflow, second_workflow, third_workflow};
  pthread_t ids[3];
  for (int i = 0; i < 3; ++i) pthread_create(&ids[i], nullptr, bodies[i], nullptr);
  for (const pthread_t id : ids) pthread_join(id, nullptr);
}

// --- parents that go

NOINLINE void orphaning_workflow() {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  child_agent();
  usleep(300'000);
  later_agent();
  _exit(0);
}

NOINLINE void daemon_workflow() {
  if (daemon(1, 1) != 0) std::exit(1);
  child_agent();
  usleep(200'000);
}

// --- many

PLAIN pid_t start(int number) {
  char* arguments[] = {self, const_cast<char*>("child"), nullptr};
  pid_t child = -1;
  if (number % 3 == 0)
    return posix_spawn(&child, self, nullptr, nullptr, arguments, environ) == 0 ? child : -1;
  child = fork();
  if (child != 0) return child;
  if (number % 3 == 1) execv(self, arguments);
  child_agent();
  _exit(0);
}

NOINLINE int storm_workflow(int processes) {
  constexpr int kAtOnce = 8;
  int failed = 0;
  for (int i = 0; i < processes + kAtOnce; ++i) {
    if (i < processes && start(i) < 0) ++failed;
    int status = 0;
    if (i >= kAtOnce && (wait(&status) <= 0 || status != 0)) ++failed;
  }
  return failed;
}

PLAIN int main(int count, char** arguments) {
  const std::string how = count > 1 ? arguments[1] : "";
  if (readlink("/proc/self/exe", self, sizeof self - 1) <= 0) return 1;
  if (how == "child") child_agent();
  if (how == "threads") threads();
  if (how == "orphan") orphaning_workflow();
  if (how == "daemon") daemon_workflow();
  if (how == "storm") std::printf("%d failed\n", storm_workflow(count > 2 ? std::atoi(arguments[2]) : 300));
  return 0;
}
