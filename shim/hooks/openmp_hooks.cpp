// OpenMP as gcc compiles it, parallel regions: their threads are where the region was met.
//
//   GOMP_parallel, _reductions, _sections, _loop_*   span/entered_context.h
//
// Each of them is given a function of the program's and its data, and gets one of ours in its place, which
// goes on to the program's.
#include "shim/hooks/openmp.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/export.h"
#include "shim/span/entered_context.h"

namespace {

using llmo::hooks::openmp::Body;
using llmo::hooks::openmp::Flags;
using llmo::hooks::openmp::is_to_be_carried;
using llmo::hooks::openmp::kLibrary;
using llmo::hooks::openmp::position_of;
using llmo::platform::CallerFunction;
using llmo::platform::CallSite;
namespace span = llmo::span;

// On the stack of the thread that meets the region, which goes on when all others have left it.
struct Region {
  void* first_word;  // of the program's data: reductions are registered there
  Body body;
  void* data;
  span::Inheritance place;
  const span::ThreadState* met_by;
};

// The thread that met the region is where it has to be already.
void run_region(void* data) {
  const auto& region = *static_cast<const Region*>(data);
  if (&span::thread_state == region.met_by) return region.body(region.data);
  const span::EnteredContext entered(region.place, LLMO_STACK_ADDRESS());
  region.body(region.data);
}

// Without the real function, which the program cannot have been linked without, the region has one thread.
template <typename Result, typename... Values>
Result meet_region(CallerFunction<Result(Body, void*, Values...)>& real, const CallSite& site, Body body,
                   void* data, void* first_word, Values... values) {
  auto* const run = real.get(site.return_address);
  if (run == nullptr) return static_cast<Result>(body(data), Result());
  if (!is_to_be_carried(run)) return run(body, data, values...);
  Region region{first_word, body, data, position_of(site), &span::thread_state};
  return run(run_region, &region, values...);
}

using Threads = unsigned;

constinit CallerFunction<void(Body, void*, Threads, Flags)> real_parallel{"GOMP_parallel", kLibrary};
constinit CallerFunction<unsigned(Body, void*, Threads, Flags)> real_parallel_reductions{
    "GOMP_parallel_reductions", kLibrary};
constinit CallerFunction<void(Body, void*, Threads, unsigned, Flags)> real_parallel_sections{
    "GOMP_parallel_sections", kLibrary};

}  // namespace

extern "C" {

LLMO_EXPORT void GOMP_parallel(Body body, void* data, Threads threads, Flags flags) {
  meet_region(real_parallel, LLMO_CALL_SITE, body, data, nullptr, threads, flags);
}

LLMO_EXPORT unsigned GOMP_parallel_reductions(Body body, void* data, Threads threads, Flags flags) {
  void* const reductions = *static_cast<void**>(data);
  return meet_region(real_parallel_reductions, LLMO_CALL_SITE, body, data, reductions, threads, flags);
}

LLMO_EXPORT void GOMP_parallel_sections(Body body, void* data, Threads threads, unsigned count, Flags flags) {
  meet_region(real_parallel_sections, LLMO_CALL_SITE, body, data, nullptr, threads, count, flags);
}

#define LLMO_PARALLEL_LOOP(schedule)                                                                     \
  constinit static CallerFunction<void(Body, void*, Threads, long, long, long, long, Flags)>             \
      real_parallel_loop_##schedule{"GOMP_parallel_loop_" #schedule, kLibrary};                          \
  LLMO_EXPORT void GOMP_parallel_loop_##schedule(Body body, void* data, Threads threads, long start,     \
                                                 long end, long step, long chunk, Flags flags) {         \
    meet_region(real_parallel_loop_##schedule, LLMO_CALL_SITE, body, data, nullptr, threads, start, end, \
                step, chunk, flags);                                                                     \
  }
#define LLMO_PARALLEL_LOOP_AT_RUN_TIME(schedule)                                                         \
  constinit static CallerFunction<void(Body, void*, Threads, long, long, long, Flags)>                   \
      real_parallel_loop_##schedule{"GOMP_parallel_loop_" #schedule, kLibrary};                          \
  LLMO_EXPORT void GOMP_parallel_loop_##schedule(Body body, void* data, Threads threads, long start,     \
                                                 long end, long step, Flags flags) {                     \
    meet_region(real_parallel_loop_##schedule, LLMO_CALL_SITE, body, data, nullptr, threads, start, end, \
                step, flags);                                                                            \
  }

LLMO_PARALLEL_LOOP(static)
LLMO_PARALLEL_LOOP(dynamic)
LLMO_PARALLEL_LOOP(guided)
LLMO_PARALLEL_LOOP(nonmonotonic_dynamic)
LLMO_PARALLEL_LOOP(nonmonotonic_guided)
LLMO_PARALLEL_LOOP_AT_RUN_TIME(runtime)
LLMO_PARALLEL_LOOP_AT_RUN_TIME(nonmonotonic_runtime)
LLMO_PARALLEL_LOOP_AT_RUN_TIME(maybe_nonmonotonic_runtime)

}  // extern "C"
