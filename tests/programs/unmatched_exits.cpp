// Hooks called by hand and out of step, as assembly, hand-made coroutines and odd compilers leave them.
#include "program.h"

extern "C" void __cyg_profile_func_enter(void* function, void* call_site);
extern "C" void __cyg_profile_func_exit(void* function, void* call_site);

volatile int work = 0;

NOINLINE void good_agent() { work = work + 1; }
NOINLINE void never_entered_agent() { work = work + 1; }

PLAIN void odd_calls() {
  void* const good = reinterpret_cast<void*>(good_agent);
  __cyg_profile_func_exit(reinterpret_cast<void*>(never_entered_agent), nullptr);
  __cyg_profile_func_exit(nullptr, nullptr);
  __cyg_profile_func_enter(nullptr, nullptr);
  __cyg_profile_func_exit(nullptr, nullptr);
  __cyg_profile_func_enter(reinterpret_cast<void*>(0x10), reinterpret_cast<void*>(-1));
  __cyg_profile_func_exit(reinterpret_cast<void*>(0x10), reinterpret_cast<void*>(-1));
  for (int i = 0; i < 1000; ++i) __cyg_profile_func_exit(good, good);
}

NOINLINE void wrapping_workflow() {
  odd_calls();
  good_agent();
}

int main() {
  odd_calls();
  wrapping_workflow();
  return 0;
}
