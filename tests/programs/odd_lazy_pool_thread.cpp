// A worker thread that the first workflow starts outlives it and later does a second workflow's job.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "program.h"

enum Step { kNothing, kFirstJob, kFirstDone, kSecondJob, kSecondDone };

volatile int work = 0;
std::mutex mutex;
std::condition_variable changed;
Step step = kNothing;

NOINLINE void first_job_agent() { work = work + 1; }
NOINLINE void second_job_agent() { work = work + 1; }

PLAIN void set(Step next) {
  const std::lock_guard<std::mutex> lock(mutex);
  step = next;
  changed.notify_all();
}

PLAIN void wait_for(Step wanted) {
  std::unique_lock<std::mutex> lock(mutex);
  while (step != wanted) changed.wait(lock);
}

PLAIN void work_in_pool() {
  wait_for(kFirstJob);
  first_job_agent();
  set(kFirstDone);
  wait_for(kSecondJob);
  second_job_agent();
  set(kSecondDone);
}

NOINLINE void first_workflow(std::thread& worker) {
  worker = std::thread(work_in_pool);
  set(kFirstJob);
  wait_for(kFirstDone);
}

NOINLINE void second_workflow() {
  set(kSecondJob);
  wait_for(kSecondDone);
}

PLAIN int main() {
  std::thread worker;
  first_workflow(worker);
  second_workflow();
  worker.join();
  return 0;
}
