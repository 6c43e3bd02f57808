// The functions of oneTBB that libllmobserve.so stands in front of, in namespace tbb::detail::r1.
//
//   spawn, enqueue, submit   a task belongs to whoever hands it over               pools/tbb_tasks.h
//   execute                  what a thread has an arena do, and waits for
//
// Programs call them from the templates of TBB's headers. Parallel algorithms, task groups, flow graphs and
// pipelines all come down to these; libtbb.so calls them itself for what it spawns.
#include <cstdint>
#include <type_traits>

#include "shim/platform/call_site.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/export.h"
#include "shim/pools/tbb_tasks.h"
#include "shim/span/tracer.h"

namespace {

using llmo::platform::CallerFunction;
using llmo::platform::CallSite;
using llmo::pools::TbbDelegate;
using llmo::pools::TbbTask;

struct Context;  // tbb::detail::d1::task_group_context
struct Arena;    // tbb::detail::d1::task_arena_base
using SlotId = unsigned short;

// Namespace tbb::detail, and what of it these functions are made of (Itanium C++ ABI 5.1).
#define LLMO_TBB "_ZN3tbb6detail2r1"
#define LLMO_SPAWN "5spawnERNS0_2d14taskERNS2_18task_group_contextE"
#define LLMO_SPAWN_AT "5spawnERNS0_2d14taskERNS2_18task_group_contextEt"
#define LLMO_ENQUEUE "7enqueueERNS0_2d14taskEPNS2_15task_arena_baseE"
#define LLMO_ENQUEUE_IN "7enqueueERNS0_2d14taskERNS2_18task_group_contextEPNS2_15task_arena_baseE"
#define LLMO_SUBMIT "6submitERNS0_2d14taskERNS2_18task_group_contextEPNS1_5arenaEm"
#define LLMO_EXECUTE "7executeERNS0_2d115task_arena_baseERNS2_13delegate_baseE"

constexpr const char* kLibrary = "libtbb.so";
constinit CallerFunction<void(TbbTask&, Context&)> real_spawn{LLMO_TBB LLMO_SPAWN, kLibrary};
constinit CallerFunction<void(TbbTask&, Context&, SlotId)> real_spawn_at{LLMO_TBB LLMO_SPAWN_AT, kLibrary};
constinit CallerFunction<void(TbbTask&, Arena*)> real_enqueue{LLMO_TBB LLMO_ENQUEUE, kLibrary};
constinit CallerFunction<void(TbbTask&, Context&, Arena*)> real_enqueue_in{LLMO_TBB LLMO_ENQUEUE_IN,
                                                                           kLibrary};
constinit CallerFunction<void(TbbTask&, Context&, void*, std::uintptr_t)> real_submit{LLMO_TBB LLMO_SUBMIT,
                                                                                      kLibrary};
constinit CallerFunction<void(Arena&, const TbbDelegate&)> real_execute{LLMO_TBB LLMO_EXECUTE, kLibrary};

// Without the real function, which the program cannot have been linked without, a task is lost.
template <typename... Others>
void hand_over(CallerFunction<void(TbbTask&, Others...)>& real, const CallSite& site, TbbTask& task,
               std::type_identity_t<Others>... others) {
  auto* const function = real.get(site.return_address);
  if (function == nullptr) return;
  if (llmo::span::recording()) llmo::pools::carry_place(task, site.stack_address);
  function(task, others...);
}

}  // namespace

extern "C" {

LLMO_EXPORT void spawn_hook(TbbTask& task, Context& context)  //
    __asm__(LLMO_TBB LLMO_SPAWN);
LLMO_EXPORT void spawn_at_hook(TbbTask& task, Context& context, SlotId slot)  //
    __asm__(LLMO_TBB LLMO_SPAWN_AT);
LLMO_EXPORT void enqueue_hook(TbbTask& task, Arena* arena)  //
    __asm__(LLMO_TBB LLMO_ENQUEUE);
LLMO_EXPORT void enqueue_in_hook(TbbTask& task, Context& context, Arena* arena)  //
    __asm__(LLMO_TBB LLMO_ENQUEUE_IN);
LLMO_EXPORT void submit_hook(TbbTask& task, Context& context, void* arena, std::uintptr_t critical)  //
    __asm__(LLMO_TBB LLMO_SUBMIT);
LLMO_EXPORT void execute_hook(Arena& arena, const TbbDelegate& delegate)  //
    __asm__(LLMO_TBB LLMO_EXECUTE);

void spawn_hook(TbbTask& task, Context& context) { hand_over(real_spawn, LLMO_CALL_SITE, task, context); }

void spawn_at_hook(TbbTask& task, Context& context, SlotId slot) {
  hand_over(real_spawn_at, LLMO_CALL_SITE, task, context, slot);
}

void enqueue_hook(TbbTask& task, Arena* arena) { hand_over(real_enqueue, LLMO_CALL_SITE, task, arena); }

void enqueue_in_hook(TbbTask& task, Context& context, Arena* arena) {
  hand_over(real_enqueue_in, LLMO_CALL_SITE, task, context, arena);
}

void submit_hook(TbbTask& task, Context& context, void* arena, std::uintptr_t critical) {
  hand_over(real_submit, LLMO_CALL_SITE, task, context, arena, critical);
}

// Not noexcept: what the delegate throws comes through here.
void execute_hook(Arena& arena, const TbbDelegate& delegate) {
  auto* const execute = real_execute.get(__builtin_return_address(0));
  if (execute == nullptr) return;
  if (!llmo::span::recording()) return execute(arena, delegate);
  const llmo::pools::CarriedDelegate carried(delegate, LLMO_STACK_ADDRESS());
  execute(arena, carried);
}

}  // extern "C"
