// Fibers by makecontext(3) and swapcontext(3), in the way that the argument says.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "program.h"

enum { kFibers = 3, kRounds = 4, kStackBytes = 64 * 1024 };

volatile int work = 0;
static ucontext_t main_context;
static ucontext_t contexts[kFibers];
static volatile long argument_sum = 0;

NOINLINE void step_agent(void) { work = work + 1; }
NOINLINE void main_step_agent(void) { work = work + 1; }

// Calls that are open over many switches.
NOINLINE void first_workflow(int fiber) {
  for (int round = 0; round < kRounds; ++round) {
    step_agent();
    swapcontext(&contexts[fiber], &main_context);
  }
}

NOINLINE void second_workflow(int fiber) {
  for (int round = 0; round < kRounds; ++round) {
    swapcontext(&contexts[fiber], &main_context);
    step_agent();
  }
}

PLAIN static void fiber_body(int fiber, int a, int b, int c, int d, int e, int f, int g, int h) {
  argument_sum =
      argument_sum + a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h;
  if (fiber % 2 == 0) {
    first_workflow(fiber);
  } else {
    second_workflow(fiber);
  }
}

PLAIN static void* make_fiber(int fiber, void* memory) {
  ucontext_t* const context = &contexts[fiber];
  getcontext(context);
  context->uc_stack.ss_sp = memory;
  context->uc_stack.ss_size = kStackBytes;
  context->uc_link = &main_context;
  makecontext(context, (void (*)(void))fiber_body, 9, fiber, 1, 2, 3, 4, 5, 6, 7, 8);
  return memory;
}

NOINLINE void round_agent(void) {
  main_step_agent();
  for (int fiber = 0; fiber < kFibers; ++fiber) swapcontext(&main_context, &contexts[fiber]);
}

NOINLINE void scheduling_workflow(void) {
  void* memory[kFibers];
  for (int fiber = 0; fiber < kFibers; ++fiber) memory[fiber] = make_fiber(fiber, malloc(kStackBytes));
  for (int round = 0; round <= kRounds; ++round) round_agent();
  main_step_agent();
  for (int fiber = 0; fiber < kFibers; ++fiber) free(memory[fiber]);
}

// A fiber that is never finished; its stack is unmapped, and another begins on the same memory.
NOINLINE void abandoning_workflow(void) {
  for (int time = 0; time < 2; ++time) {
    static void* wanted = NULL;
    void* const memory =
        mmap(wanted, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || (wanted != NULL && memory != wanted)) exit(3);
    wanted = memory;
    make_fiber(0, memory);
    swapcontext(&main_context, &contexts[0]);
    munmap(memory, kStackBytes);
  }
  main_step_agent();
}

// Entered by swapcontext(), switched by longjmp() from then on.
static jmp_buf in_main, in_fiber;

NOINLINE void jumping_workflow(void) {
  for (int round = 0; round < kRounds; ++round) {
    step_agent();
    if (_setjmp(in_fiber) == 0) _longjmp(in_main, 1);
  }
}

PLAIN static void jumping_body(void) {
  jumping_workflow();
  _longjmp(in_main, 2);
}

NOINLINE void driving_workflow(void) {
  void* const memory = malloc(kStackBytes);
  getcontext(&contexts[0]);
  contexts[0].uc_stack.ss_sp = memory;
  contexts[0].uc_stack.ss_size = kStackBytes;
  contexts[0].uc_link = NULL;
  makecontext(&contexts[0], jumping_body, 0);
  int came_by = _setjmp(in_main);
  if (came_by == 0) setcontext(&contexts[0]);
  main_step_agent();
  if (came_by == 1) _longjmp(in_fiber, 1);
  free(memory);
}

// Many that are open at once, and many more one after the other.
NOINLINE void crowd_workflow(void) {
  enum { kMany = 2000 };
  static ucontext_t many[kMany];
  char* const memory = malloc((size_t)kMany * kStackBytes);
  for (int time = 0; time < 2; ++time) {
    for (int fiber = 0; fiber < kMany; ++fiber) {
      getcontext(&many[fiber]);
      many[fiber].uc_stack.ss_sp = memory + (size_t)fiber * kStackBytes;
      many[fiber].uc_stack.ss_size = kStackBytes;
      many[fiber].uc_link = &main_context;
      makecontext(&many[fiber], step_agent, 0);
      swapcontext(&main_context, &many[fiber]);
    }
  }
  free(memory);
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (strcmp(argv[1], "interleaved") == 0) scheduling_workflow();
  if (strcmp(argv[1], "abandoned") == 0) abandoning_workflow();
  if (strcmp(argv[1], "jumping") == 0) driving_workflow();
  if (strcmp(argv[1], "crowd") == 0) crowd_workflow();
  printf("%ld\n", argument_sum);
  return 0;
}
