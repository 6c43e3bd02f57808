// Work for libuv's pool: queued by several, queued again, cancelled, refused, from nowhere, and over a fork.
// link: -luv
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "program.h"

uv_loop_t loop;
uv_sem_t gate;
volatile int done = 0;

NOINLINE void work_agent() { done = done + 1; }
NOINLINE void after_agent() { done = done + 1; }
NOINLINE void again_agent() { done = done + 1; }
NOINLINE void thread_agent() { done = done + 1; }
NOINLINE void cancelled_agent() { done = done + 1; }

PLAIN void work(uv_work_t*) { work_agent(); }
PLAIN void wait_at_gate(uv_work_t*) { uv_sem_wait(&gate); }

PLAIN void after_last(uv_work_t* request, int) {
  again_agent();
  delete request;
}

// Queued again from its own callback, by a function that is traced.
NOINLINE void retry_agent(uv_work_t* request) { uv_queue_work(&loop, request, work, after_last); }

PLAIN void after_first(uv_work_t* request, int status) {
  after_agent();
  if (status != 0) std::printf("status %d\n", status);
  std::memset(static_cast<void*>(request), 0xff, sizeof *request);
  retry_agent(request);
}

PLAIN void after_cancelled(uv_work_t* request, int status) {
  cancelled_agent();
  std::printf("cancelled %s\n", status == UV_ECANCELED ? "yes" : "no");
  delete request;
}

PLAIN void free_request(uv_work_t* request, int) { delete request; }

NOINLINE void first_workflow() { uv_queue_work(&loop, new uv_work_t, work, after_first); }
NOINLINE void second_workflow() { uv_queue_work(&loop, new uv_work_t, work, after_last); }
NOINLINE void forgetful_workflow(uv_work_t* request) { uv_queue_work(&loop, request, work, nullptr); }

NOINLINE void refused_workflow() {
  uv_work_t request;
  std::printf("refused %s\n",
              uv_queue_work(&loop, &request, nullptr, after_last) == UV_EINVAL ? "yes" : "no");
}

NOINLINE void cancelling_workflow() {
  auto* const blocker = new uv_work_t;
  auto* const victim = new uv_work_t;
  uv_queue_work(&loop, blocker, wait_at_gate, free_request);
  uv_queue_work(&loop, victim, work, after_cancelled);
  const int error = uv_cancel(reinterpret_cast<uv_req_t*>(victim));
  uv_sem_post(&gate);
  if (error != 0) std::printf("cancel failed\n");
}

NOINLINE void threading_workflow() {
  uv_thread_t thread;
  uv_thread_create(
      &thread, [](void*) { thread_agent(); }, nullptr);
  uv_thread_join(&thread);
}

NOINLINE void loop_workflow() { uv_run(&loop, UV_RUN_DEFAULT); }

// The child goes on with the parent's loop, on threads of its own.
PLAIN int run_child() {
  uv_loop_fork(&loop);
  second_workflow();
  uv_run(&loop, UV_RUN_DEFAULT);
  return 0;
}

PLAIN void fork_child() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) std::exit(run_child());
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("child %d\n", status);
}

PLAIN int main() {
  setenv("UV_THREADPOOL_SIZE", "1", 1);
  uv_loop_init(&loop);
  uv_sem_init(&gate, 0);
  uv_work_t forgotten;

  first_workflow();
  second_workflow();
  forgetful_workflow(&forgotten);
  refused_workflow();
  uv_run(&loop, UV_RUN_DEFAULT);
  cancelling_workflow();
  uv_run(&loop, UV_RUN_DEFAULT);
  threading_workflow();
  uv_queue_work(&loop, new uv_work_t, work, after_last);  // from nowhere
  uv_run(&loop, UV_RUN_DEFAULT);
  second_workflow();
  loop_workflow();
  fork_child();
  std::printf("closed %d, done %d\n", uv_loop_close(&loop), done);
  return 0;
}
