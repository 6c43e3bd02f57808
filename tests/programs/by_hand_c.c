/* Spans by hand in C: nothing of the program is instrumented but what its compiler is told to. */
#include <llmobserve/llmobserve.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static volatile int work = 0;
static jmp_buf back;

__attribute__((noinline)) static void rank(int docs) {
  LLMOBSERVE_FUNCTION();
  llmobserve_set_int("docs", docs);
  llmobserve_set_string("query", "what is it");
  llmobserve_set_double("ratio", 0.25);
  llmobserve_set_bool("cached", 1);
  work = work + docs;
}

__attribute__((noinline)) static void plan_agent(void) {
  LLMOBSERVE_FUNCTION();
  LLMOBSERVE_SCOPE("think");
  llmobserve_add_event("thought", NULL);
  llmobserve_set_error("no idea");
}

static void* in_thread(void* context) {
  LLMOBSERVE_ENTER((const llmobserve_context*)context);
  rank(1);
  return NULL;
}

__attribute__((noinline)) static void jumps(void) {
  LLMOBSERVE_SCOPE("jumped over");
  longjmp(back, 1);
}

static void carried(void) {
  pthread_t thread;
  llmobserve_context context;
  llmobserve_block block = llmobserve_begin("carrier");
  context = llmobserve_capture();
  llmobserve_block_set_string(block, "from", "main");
  llmobserve_end(block);
  pthread_create(&thread, NULL, in_thread, &context);
  pthread_join(thread, NULL);
}

int main(void) {
  llmobserve_workflow workflow;
  {
    LLMOBSERVE_SCOPE("all");
    rank(2);
    plan_agent();
    if (setjmp(back) == 0) jumps();
    carried();
    if (llmobserve_current_workflow(&workflow)) fprintf(stderr, "%s\n", workflow.name);
  }
  const int is_in_one = llmobserve_current_workflow(&workflow);
  printf("none: %d %d\n", is_in_one, (int)strlen(workflow.traceparent));
  return 0;
}
