// Every sort of function that C++ has, for how it is named.
#include "program.h"

volatile int work = 0;

namespace acme {

struct Planner {
  NOINLINE Planner() { work = work + 1; }
  NOINLINE ~Planner() { work = work + 1; }
  NOINLINE void plan_agent(int steps, const char* goal) const { work = work + steps + *goal; }
  NOINLINE static void shared_agent() { work = work + 1; }
  template <typename T>
  NOINLINE void typed_agent(T value) {
    work = work + static_cast<int>(value);
  }
  NOINLINE bool operator<(const Planner&) const { return work > 0; }
  NOINLINE int operator()(int value) { return work + value; }
};

template <typename T>
struct Box {
  NOINLINE T open_agent() { return T{}; }
};

// Inline, so that its lambda has a name in every compiler.
inline NOINLINE void lambda_workflow() {
  const auto step = [](int value) NOINLINE { work = work + value; };
  step(2);
}

}  // namespace acme

int main() {
  acme::Planner planner;
  planner.plan_agent(1, "goal");
  acme::Planner::shared_agent();
  planner.typed_agent<long>(1);
  planner.typed_agent(1.5);
  work = planner < planner ? 1 : 2;
  work = planner(3);
  acme::Box<acme::Box<int>>().open_agent();
  acme::lambda_workflow();
  return 0;
}
