// Forks 100 children while four threads record spans and a timer's traced handler lands anywhere; each child
// is sent signals from its first moment on, makes one call and ends. Prints how many did not end in time (it
// stops at the first).
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "program.h"

constexpr int kThreads = 4;
constexpr int kChildren = 100;

volatile int work = 0;
std::atomic<bool> stop{false};

NOINLINE void thread_agent() { work = work + 1; }
NOINLINE void child_agent() { work = work + 1; }
NOINLINE void tick_agent(int) { work = work + 1; }

PLAIN void make_calls() {
  while (!stop) {
    for (int call = 0; call < 5; ++call) thread_agent();
    usleep(500);
  }
}

PLAIN bool ends(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < deadline) {
    if (waitpid(child, nullptr, WNOHANG) == child) return true;
    usleep(1000);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return false;
}

PLAIN bool child_ends() {
  const pid_t child = fork();
  if (child == 0) {
    child_agent();
    _exit(0);
  }
  for (int count = 0; count < 10; ++count) kill(child, SIGALRM);
  return ends(child);
}

PLAIN int main() {
  struct sigaction action = {};
  action.sa_handler = tick_agent;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(make_calls);
  const itimerval often = {{0, 300}, {0, 300}};
  setitimer(ITIMER_REAL, &often, nullptr);
  int hung = 0;
  for (int i = 0; i < kChildren && hung == 0; ++i) hung += child_ends() ? 0 : 1;
  const itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::printf("%d hung\n", hung);
  return 0;
}
