// OpenMP as clang compiles it: parallel regions and tasks run where they were met, whichever thread runs
// them.
//
//   ompt_start_tool   LLVM's library asks who wants to be told   span/scope.h
//
// The library then calls us at the beginning and the end of each region, of each thread's share of it, and
// whenever a thread goes from one task to another (OpenMP API 5.0, chapter 4). It keeps a word for us with
// each region and each task. A program that brings a tool of its own, or names one, keeps it: there is one at
// a time.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "shim/hooks/openmp.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/out_of_memory.h"
#include "shim/platform/real_function.h"
#include "shim/span/current.h"
#include "shim/span/scope.h"
#include "shim/span/stack_frames.h"
#include "shim/span/tracer.h"

// Of clang's runtime, in programs that were built to be checked for races: they need the library's own tool.
extern "C" __attribute__((weak)) void __tsan_init();

namespace {

using llmo::span::Address;
using llmo::span::Inheritance;
namespace platform = llmo::platform;
namespace span = llmo::span;

// --- the interface (OpenMP API 5.0, 4.2 to 4.6)

union ToolData {
  std::uint64_t value;
  void* pointer;
};

struct Frame {
  ToolData exit;  // where the task's own code begins on the stack
  ToolData enter;
  int exit_flags;
  int enter_flags;
};

using AnyFunction = void (*)();
using Lookup = AnyFunction (*)(const char*);
using SetCallback = int (*)(int, AnyFunction);
using GetTaskInfo = int (*)(int, int*, ToolData**, Frame**, ToolData**, int*);

struct StartToolResult {
  int (*initialize)(Lookup, int, ToolData*);
  void (*finalize)(ToolData*);
  ToolData tool_data;
};

enum Callback { kParallelBegin = 3, kParallelEnd, kTaskCreate, kTaskSchedule, kImplicitTask };
enum Endpoint { kBegin = 1, kEnd = 2 };
enum TaskFlag : unsigned { kInitial = 0x1, kExplicit = 0x4, kUndeferred = 0x08000000, kUntied = 0x10000000 };
enum TaskStatus { kComplete = 1, kCancel = 3, kDetach = 4 };

constinit std::atomic<GetTaskInfo> get_task_info{nullptr};

// --- what is kept in the words

// Of a region: where it was met; nullptr for one that begins roots. Of a task: the same with marks, or 0
// where nothing is to be done: the code around it goes on, or runs it at once.
constexpr std::uint64_t kIsTask = 1;
constexpr std::uint64_t kIsEntered = 2;
constexpr std::uint64_t kComesInParts = 4;  // each may run on another thread, and none tells of its end
constexpr std::uint64_t kMarks = 7;
static_assert(alignof(Inheritance) > kMarks);

Inheritance* place_in(const ToolData& data) { return reinterpret_cast<Inheritance*>(data.value & ~kMarks); }

Inheritance* keep_position(Address stack_address) {
  const Inheritance position = span::current_position(stack_address);
  return position.context.empty() ? nullptr : new (std::nothrow) Inheritance(position);
}

void forget_place(ToolData& data) {
  delete place_in(data);
  data.value = 0;
}

// --- entering and leaving

// Whose scope it is. The library moves the word of a thread's own task, of which it has one at a time.
constexpr std::uintptr_t kThread = 1;
std::uintptr_t owner_of(const ToolData& task) { return reinterpret_cast<std::uintptr_t>(&task); }

// Above all that a thread can have on its stack.
constexpr Address kWholeStack = UINT64_MAX - 1;

// The lowest address that is sure to lie above the frames of what begins now: that of the innermost open
// call.
Address innermost_address(const span::StackState& stack) {
  const span::Frame* const call =
      stack.overflow != 0 ? span::call_at(stack.overflow_top - 1) : span::top_call(stack);
  return call == nullptr ? kWholeStack : call->stack_address;
}

bool enter(std::uintptr_t owner, const Inheritance* place, Address address, Address here) {
  static constexpr Inheritance kNowhere{};
  const Inheritance& into = place == nullptr ? kNowhere : *place;
  if (!span::recording()) return false;
  if (into.context.empty() && span::current_context(here).empty()) return false;
  return span::enter_scope({span::ScopeKind::kContext, owner, into.context, into.starter}, address);
}

void leave(std::uintptr_t owner) {
  span::leave_scope(span::ScopeKind::kContext, owner, llmo::journal::EndKind::kUnwound);
}

struct RunningTask {
  bool is_deferred = false;
  Address frame = 0;  // where its own code begins on the stack; 0: not known
  const Inheritance* region = nullptr;
};

RunningTask running_task(Address here, Address around) {
  RunningTask task;
  int flags = 0;
  Frame* frame = nullptr;
  ToolData* region = nullptr;
  GetTaskInfo const ask = get_task_info.load(std::memory_order_relaxed);
  if (ask == nullptr || ask(0, &flags, nullptr, &frame, &region, nullptr) != 2) return task;
  task.is_deferred = (static_cast<unsigned>(flags) & (kExplicit | kUndeferred)) == kExplicit;
  // Code without frame pointers makes anything of it.
  if (frame != nullptr && frame->exit.value > here && frame->exit.value < around)
    task.frame = frame->exit.value;
  if (region != nullptr) task.region = place_in(*region);
  return task;
}

// A task that goes on is where it was. One that nobody has told of makes the tasks of a part of a taskloop;
// its end is not told either, but its scope lies below its frame, and is closed with it.
void begin_task(ToolData& task, Address here) {
  if ((task.value & (kIsEntered | kComesInParts)) == kIsEntered) return;
  const Address around = innermost_address(span::thread_state.stack);
  const RunningTask running = running_task(here, around);
  if ((task.value & kIsTask) != 0) {
    if ((task.value & kIsEntered) != 0) leave(owner_of(task));
    const Address address = running.frame != 0 ? running.frame : around;
    if (enter(owner_of(task), place_in(task), address, here)) task.value |= kIsEntered;
  } else if (running.is_deferred && running.frame != 0) {
    enter(owner_of(task), running.region, running.frame, here);
  }
}

void end_task(ToolData& task) {
  if ((task.value & kIsEntered) != 0) leave(owner_of(task));
  forget_place(task);
}

// --- callbacks

void on_parallel_begin(ToolData*, const Frame*, ToolData* region, unsigned, int, const void*) {
  if (!span::recording()) return;
  const platform::ErrnoSaver keep;
  region->pointer = keep_position(LLMO_STACK_ADDRESS());
}

void on_parallel_end(ToolData* region, ToolData*, int, const void*) { forget_place(*region); }

// The first thread of a region is the one that met it. The others have nothing open. A thread that comes to
// the library for the first time has a task too, its initial one.
void on_implicit_task(int endpoint, ToolData* region, ToolData* task, unsigned, unsigned index, int flags) {
  const platform::ErrnoSaver keep;
  const bool is_first = index == 0 || (static_cast<unsigned>(flags) & kInitial) != 0;
  if (endpoint == kBegin && !is_first && region != nullptr) {
    if (enter(kThread, place_in(*region), kWholeStack, LLMO_STACK_ADDRESS())) task->value = kIsEntered;
  } else if (endpoint == kEnd && (task->value & kIsEntered) != 0) {
    leave(kThread);
    task->value = 0;
  }
}

void on_task_create(ToolData*, const Frame*, ToolData* task, int all_flags, int, const void*) {
  const auto flags = static_cast<unsigned>(all_flags);
  if ((flags & kExplicit) == 0 || (flags & kUndeferred) != 0 || !span::recording()) return;
  const platform::ErrnoSaver keep;
  task->pointer = keep_position(LLMO_STACK_ADDRESS());
  task->value |= kIsTask | ((flags & kUntied) != 0 ? kComesInParts : 0);
}

void on_task_schedule(ToolData* prior, int status, ToolData* next) {
  const platform::ErrnoSaver keep;
  if (status == kComplete || status == kCancel || status == kDetach) end_task(*prior);
  if (next != nullptr) begin_task(*next, LLMO_STACK_ADDRESS());
}

// --- the tool

constinit std::atomic<const void*> watched_module{nullptr};

template <typename Function>
void take(SetCallback set, Callback which, Function function) {
  set(which, reinterpret_cast<AnyFunction>(function));
}

int initialize(Lookup lookup, int, ToolData*) {
  const auto set = reinterpret_cast<SetCallback>(lookup("ompt_set_callback"));
  if (set == nullptr) return 0;
  get_task_info.store(reinterpret_cast<GetTaskInfo>(lookup("ompt_get_task_info")), std::memory_order_relaxed);
  take(set, kParallelBegin, on_parallel_begin);
  take(set, kParallelEnd, on_parallel_end);
  take(set, kTaskCreate, on_task_create);
  take(set, kTaskSchedule, on_task_schedule);
  take(set, kImplicitTask, on_implicit_task);
  watched_module.store(platform::module_of(reinterpret_cast<const void*>(lookup)), std::memory_order_relaxed);
  return 1;
}

void finalize(ToolData*) {}

constinit StartToolResult our_tool{initialize, finalize, {0}};

using StartTool = StartToolResult*(unsigned, const char*);

// That of a tool that the program is linked with, whatever version the library asks for; or the library's
// own, which looks for one further on.
StartToolResult* start_other_tool(unsigned version, const char* runtime, const void* caller) {
  void* behind = platform::next_function("ompt_start_tool");
  if (behind == nullptr) {
    platform::had_memory_for(
        [&] { behind = platform::function_behind(caller, "ompt_start_tool", "libomp"); });
  }
  auto* const start = reinterpret_cast<StartTool*>(behind);
  return start == nullptr ? nullptr : start(version, runtime);
}

bool is_free_for_us(const void* caller) {
  const char* const libraries = std::getenv("OMP_TOOL_LIBRARIES");
  if (libraries != nullptr && *libraries != '\0') return false;
  const void* const watched = watched_module.load(std::memory_order_relaxed);
  return __tsan_init == nullptr && (watched == nullptr || watched == platform::module_of(caller));
}

}  // namespace

namespace llmo::hooks::openmp {

bool is_told_of(const void* function) {
  const void* const watched = watched_module.load(std::memory_order_relaxed);
  return watched != nullptr && platform::module_of(function) == watched;
}

}  // namespace llmo::hooks::openmp

extern "C" LLMO_EXPORT StartToolResult* ompt_start_tool(unsigned version, const char* runtime) {
  const void* const caller = __builtin_return_address(0);
  if (StartToolResult* const other = start_other_tool(version, runtime, caller)) return other;
  return span::recording() && is_free_for_us(caller) ? &our_tool : nullptr;
}
