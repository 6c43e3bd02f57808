// Exceptions that are not of C++, and exceptions on stacks that are not the thread's: the argument says
// which.
#include <ucontext.h>
#include <unwind.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "program.h"

namespace {

volatile int sink;

struct Guard {
  ~Guard() { sink = sink + 1; }
};

// --- another language's

_Unwind_Exception foreign;
int deleted = 0;

PLAIN void delete_foreign(_Unwind_Reason_Code, _Unwind_Exception*) { ++deleted; }

NOINLINE void raise_agent() {
  const Guard guard;
  std::memcpy(&foreign.exception_class, "OTHRLANG", sizeof foreign.exception_class);
  foreign.exception_cleanup = delete_foreign;
  std::printf("came back: %d\n", _Unwind_RaiseException(&foreign) == _URC_END_OF_STACK);
}

NOINLINE void between_agent() {
  const Guard guard;
  raise_agent();
  sink = 2;
}

NOINLINE void foreign_workflow() {
  try {
    between_agent();
  } catch (...) {
    sink = 3;
  }
  std::printf("deleted: %d\n", deleted);
}

// Nobody catches it: the raising function returns, and all goes on.
NOINLINE void unwanted_workflow() {
  between_agent();
  sink = 4;
}

// --- every frame is left, whatever handlers there are

PLAIN _Unwind_Reason_Code stop(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                               _Unwind_Context*, void*) {
  if ((actions & _UA_END_OF_STACK) == 0) return _URC_NO_REASON;
  std::puts("at the end");
  std::exit(0);
}

NOINLINE void forced_agent() {
  const Guard guard;
  _Unwind_ForcedUnwind(&foreign, stop, nullptr);
}

NOINLINE void forced_workflow() {
  const Guard guard;
  forced_agent();
  sink = 5;
}

// --- on a fiber

ucontext_t main_context;
ucontext_t fiber_context;
bool switches = false;

// A fiber that stops while an exception passes.
struct Switching {
  ~Switching() {
    if (switches) swapcontext(&fiber_context, &main_context);
  }
};

NOINLINE void failing_agent() {
  const Switching switching;
  throw std::runtime_error("on a fiber");
}

NOINLINE void fiber_workflow() {
  try {
    failing_agent();
  } catch (const std::runtime_error& error) {
    std::puts(error.what());
  }
}

NOINLINE void own_agent() { throw std::logic_error("on the thread"); }

NOINLINE void waiting_agent() {
  try {
    own_agent();
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
}

PLAIN void enter_fiber() { swapcontext(&main_context, &fiber_context); }

NOINLINE void thread_workflow() {
  static char stack[256 * 1024];
  getcontext(&fiber_context);
  fiber_context.uc_stack.ss_sp = stack;
  fiber_context.uc_stack.ss_size = sizeof stack;
  fiber_context.uc_link = &main_context;
  makecontext(&fiber_context, fiber_workflow, 0);
  enter_fiber();
  if (!switches) return;
  waiting_agent();
  enter_fiber();
}

PLAIN void switch_midway() {
  switches = true;
  thread_workflow();
}

struct Way {
  const char* name;
  void (*take)();
};

constexpr Way kWays[] = {
    {"foreign", foreign_workflow}, {"unwanted", unwanted_workflow}, {"forced", forced_workflow},
    {"fiber", thread_workflow},    {"midway", switch_midway},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Way& way : kWays) {
    if (argc > 1 && std::strcmp(argv[1], way.name) == 0) return way.take(), 0;
  }
  return 2;
}
