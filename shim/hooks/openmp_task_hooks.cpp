// OpenMP as gcc compiles it, tasks: they are where they were met, whoever takes them up.
//
//   GOMP_task, GOMP_taskloop, GOMP_taskloop_ull   span/entered_context.h
//
// Each of them is given a function of the program's and its data, and gets one of ours in its place, which
// goes on to the program's. What libgomp itself does with the data, it does with ours: a few words at its
// beginning are handed on.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

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

using CopyData = void (*)(void*, void*);

// What libgomp writes at the beginning of a task's data, or reads there: the handle of a task that may be
// detached; the bounds of a taskloop, and where its reductions are.
using Head = std::uint64_t[3];
constexpr std::size_t kHandle = sizeof(void*);              // written before the data is copied
constexpr std::size_t kBounds = 2 * sizeof(std::uint64_t);  // written afterwards, to each task's copy

// Stands before the program's data in what libgomp keeps of a task.
struct Task {
  Head head;
  Body body;
  CopyData copy;  // makes the program's data from `source`; nullptr: they are the bytes that follow
  void* source;
  std::size_t size;           // of the program's data
  std::size_t offset;         // from here to there, for its alignment
  std::size_t written_bytes;  // of the head, by libgomp
  span::Inheritance place;
  const Task* made_at;  // itself, unless libgomp made a copy

  void* data() { return reinterpret_cast<std::byte*>(this) + offset; }
  void hand_head_on(void* to) const { std::memcpy(to, head, std::min(written_bytes, size)); }
};

// A task that is not copied runs in the midst of the call that makes it.
void run_task(void* data) {
  auto& task = *static_cast<Task*>(data);
  task.hand_head_on(task.data());
  if (task.made_at == &task) return task.body(task.data());
  const span::EnteredContext entered(task.place, LLMO_STACK_ADDRESS());
  task.body(task.data());
}

void copy_task(void* to, void* from) {
  const auto& made = *static_cast<const Task*>(from);
  auto* const task = new (to) Task(made);
  if (made.written_bytes == kHandle) made.hand_head_on(made.source);
  task->copy(task->data(), made.source);
}

// As the program describes a task.
struct TaskData {
  Body body;
  void* data;
  CopyData copy;
  long size;
  long alignment;

  std::size_t own_alignment() const {
    return std::max<std::size_t>(alignof(Task), static_cast<std::size_t>(std::max(alignment, 1L)));
  }
  std::size_t offset() const { return (sizeof(Task) + own_alignment() - 1) & ~(own_alignment() - 1); }
  std::size_t whole_size() const { return offset() + static_cast<std::size_t>(size); }
};

Task* fill_task(void* room, const TaskData& given, std::size_t head_bytes, std::size_t written_bytes,
                const CallSite& site) {
  const auto size = static_cast<std::size_t>(given.size);
  auto* const task = new (room) Task{.head = {},
                                     .body = given.body,
                                     .copy = given.copy,
                                     .source = given.data,
                                     .size = size,
                                     .offset = given.offset(),
                                     .written_bytes = given.data == nullptr ? 0 : written_bytes,
                                     .place = position_of(site),
                                     .made_at = static_cast<Task*>(room)};
  if (given.data == nullptr) return task;
  std::memcpy(task->head, given.data, std::min(head_bytes, size));
  if (given.copy == nullptr) std::memcpy(task->data(), given.data, size);
  return task;
}

constexpr std::size_t kLargestOnStack = 512;

// Calls `make` with what libgomp is to be given in place of `given`; false where there is no memory for it.
// The head of the program's data is read for `head_bytes`.
template <typename Make>
bool with_task(const TaskData& given, std::size_t head_bytes, std::size_t written_bytes, const CallSite& site,
               Make make) {
  const std::size_t alignment = given.own_alignment();
  std::size_t room_size = (given.copy == nullptr ? given.whole_size() : sizeof(Task)) + alignment;
  const bool on_stack = room_size <= kLargestOnStack;
  const std::unique_ptr<std::byte[]> on_heap(on_stack ? nullptr : new (std::nothrow) std::byte[room_size]);
  if (!on_stack && on_heap == nullptr) return false;
  void* room = on_stack ? __builtin_alloca(room_size) : on_heap.get();
  room = std::align(alignment, room_size - alignment, room, room_size);
  Task* const task = fill_task(room, given, head_bytes, written_bytes, site);
  const auto size = static_cast<long>(given.whole_size());
  make(TaskData{run_task, task, given.copy == nullptr ? nullptr : copy_task, size,
                static_cast<long>(alignment)});
  return true;
}

using MakeTask = void(Body, void*, CopyData, long, long, bool, Flags, void**, int, void*);
template <typename Bound>
using MakeTaskLoop = void(Body, void*, CopyData, long, long, Flags, unsigned long, int, Bound, Bound, Bound);

constinit CallerFunction<MakeTask> real_task{"GOMP_task", kLibrary};
constinit CallerFunction<MakeTaskLoop<long>> real_taskloop{"GOMP_taskloop", kLibrary};
constinit CallerFunction<MakeTaskLoop<unsigned long long>> real_taskloop_ull{"GOMP_taskloop_ull", kLibrary};

// Of libgomp's flags (gcc, include/gomp-constants.h).
constexpr Flags kGrainsize = 1U << 9;
constexpr Flags kReduction = 1U << 12;
constexpr Flags kDetach = 1U << 13;

// No less than the tasks that a taskloop has, where the program says how many.
template <typename Bound>
unsigned long most_tasks(Flags flags, unsigned long wanted, Bound start, Bound end, Bound step) {
  const auto difference = static_cast<unsigned long>(end) - static_cast<unsigned long>(start);
  const bool goes_up = static_cast<long>(step) > 0;
  const auto stride = goes_up ? static_cast<unsigned long>(step) : -static_cast<unsigned long>(step);
  if (wanted == 0 || stride == 0) return wanted;
  const unsigned long rounds = (goes_up ? difference : -difference) / stride + 1;
  return (flags & kGrainsize) != 0 ? rounds / wanted + 1 : std::min(wanted, rounds);
}

// Those whose data the program itself copies may all stand on the stack at once: of very many, it may not
// have room for more than the program asks for.
constexpr unsigned long kMostCopied = 1024;

template <typename Bound>
void meet_taskloop(CallerFunction<MakeTaskLoop<Bound>>& real, const CallSite& site, const TaskData& given,
                   Flags flags, unsigned long tasks, int priority, Bound start, Bound end, Bound step) {
  auto* const make = real.get(site.return_address);
  if (make == nullptr) return;
  const auto make_loop = [=](const TaskData& data) {
    make(data.body, data.data, data.copy, data.size, data.alignment, flags, tasks, priority, start, end,
         step);
  };
  static_assert(2 * sizeof(Bound) == kBounds);
  const std::size_t head = (flags & kReduction) != 0 ? sizeof(Head) : 0;
  const bool fits = given.copy == nullptr || most_tasks(flags, tasks, start, end, step) <= kMostCopied;
  const bool is_carried = fits && is_to_be_carried(make) && with_task(given, head, kBounds, site, make_loop);
  if (!is_carried) make_loop(given);
}

}  // namespace

extern "C" {

// Programs of older compilers pass fewer arguments. What stands in the place of the others is handed on as it
// is: the flags say whether it is looked at.
LLMO_EXPORT void GOMP_task(Body body, void* data, CopyData copy, long size, long alignment, bool may_wait,
                           Flags flags, void** depend, int priority, void* detach) {
  const CallSite site = LLMO_CALL_SITE;
  auto* const make = real_task.get(site.return_address);
  if (make == nullptr) return body(data);
  const auto make_task = [=](const TaskData& with) {
    make(with.body, with.data, with.copy, with.size, with.alignment, may_wait, flags, depend, priority,
         detach);
  };
  const TaskData given{body, data, copy, size, alignment};
  const std::size_t handle = (flags & kDetach) != 0 ? kHandle : 0;
  const bool is_carried = is_to_be_carried(make) && with_task(given, 0, handle, site, make_task);
  if (!is_carried) make_task(given);
}

LLMO_EXPORT void GOMP_taskloop(Body body, void* data, CopyData copy, long size, long alignment, Flags flags,
                               unsigned long tasks, int priority, long start, long end, long step) {
  meet_taskloop(real_taskloop, LLMO_CALL_SITE, {body, data, copy, size, alignment}, flags, tasks, priority,
                start, end, step);
}

LLMO_EXPORT void GOMP_taskloop_ull(Body body, void* data, CopyData copy, long size, long alignment,
                                   Flags flags, unsigned long tasks, int priority, unsigned long long start,
                                   unsigned long long end, unsigned long long step) {
  meet_taskloop(real_taskloop_ull, LLMO_CALL_SITE, {body, data, copy, size, alignment}, flags, tasks,
                priority, start, end, step);
}

}  // extern "C"
