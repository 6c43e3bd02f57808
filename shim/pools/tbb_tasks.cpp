#include "shim/pools/tbb_tasks.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/part_lock.h"
#include "shim/pools/carried_place.h"
#include "shim/span/entered_context.h"

namespace llmo::pools {

// Where the virtual functions of tbb::detail::d1::task are (oneapi/tbb/detail/_task.h): the destructor, which
// has two entries, and the two below. Before them stand the offset to the whole object and its type.
using Function = TbbTask* (*)(TbbTask* task, void* execution_data);

struct Functions {
  void* destructors[2];
  Function execute;
  Function cancel;
};

struct TbbTask {
  const Functions* functions;
};

namespace {

struct VirtualTable {
  std::ptrdiff_t offset;
  const void* type;
  Functions functions;
};

const VirtualTable& table_of(const Functions* functions) {
  return *reinterpret_cast<const VirtualTable*>(reinterpret_cast<const std::byte*>(functions) -
                                                offsetof(VirtualTable, functions));
}

// A table of ours. Held by each task that has it, and by the cache.
struct PlaceTable {
  VirtualTable table;
  const Functions* original;
  CarriedPlace place;
  std::atomic<std::uint32_t> holders;
};

// Acquire and release: whoever deletes it comes after all who have read it.
void let_go(PlaceTable* table) {
  if (table->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete table;
}

TbbTask* execute_task(TbbTask* task, void* execution_data);
TbbTask* cancel_task(TbbTask* task, void* execution_data);

// nullptr where there is no memory for it.
PlaceTable* make_table(const Functions* original, const CarriedPlace& place) {
  VirtualTable table = table_of(original);
  table.functions.execute = execute_task;
  table.functions.cancel = cancel_task;
  return new (std::nothrow) PlaceTable{table, original, place, 1};
}

// The tables that a thread has used last. A program's threads share what there is, each as a rule with none
// or few others: nothing has to be done when a thread ends.
class alignas(64) Cache {
 public:
  // A table for one more task; nullptr where there is no memory.
  PlaceTable* hold(const Functions* original, const CarriedPlace& place) {
    const platform::LockGuard guard(lock_);
    for (PlaceTable* const table : tables_) {
      if (table == nullptr || table->original != original || !(table->place == place)) continue;
      table->holders.fetch_add(1, std::memory_order_relaxed);
      return table;
    }
    return keep(make_table(original, place));
  }

  void reset_after_fork() { lock_.reset(); }

 private:
  PlaceTable* keep(PlaceTable* table) {
    if (table == nullptr) return nullptr;
    PlaceTable*& slot = tables_[next_++ % tables_.size()];
    PlaceTable* const dropped = slot;
    table->holders.fetch_add(1, std::memory_order_relaxed);
    slot = table;
    if (dropped != nullptr) let_go(dropped);
    return table;
  }

  platform::PartLock<platform::Part::kTbb> lock_;
  std::uint32_t next_ = 0;
  std::array<PlaceTable*, 6> tables_{};
};

constexpr unsigned kCacheBits = 6;
constinit std::array<Cache, std::size_t{1} << kCacheBits> g_caches{};

// A thread's state has one address as long as the thread lives.
Cache& cache_of_thread() {
  const auto address = reinterpret_cast<std::uintptr_t>(&span::thread_state);
  return g_caches[((address >> 6) * 0x9e3779b97f4a7c15) >> (64 - kCacheBits)];
}

void carry(TbbTask& task, const CarriedPlace& place) {
  if (task.functions->execute == execute_task) return;
  PlaceTable* const table = cache_of_thread().hold(task.functions, place);
  if (table != nullptr) task.functions = &table->table.functions;
}

// Makes the task what it was; returns its place.
CarriedPlace restore(TbbTask& task) {
  auto* const table = reinterpret_cast<PlaceTable*>(
      const_cast<std::byte*>(reinterpret_cast<const std::byte*>(task.functions)) -
      offsetof(PlaceTable, table) - offsetof(VirtualTable, functions));
  const CarriedPlace place = table->place;
  task.functions = table->original;
  let_go(table);
  return place;
}

// The task may be gone afterwards. One that its function returns comes next, without being spawned.
TbbTask* run(TbbTask* task, void* execution_data, Function Functions::*function,
             span::Address stack_address) {
  const CarriedPlace place = restore(*task);
  TbbTask* next = nullptr;
  {
    const span::EnteredContext entered(place.get(), stack_address);
    next = (task->functions->*function)(task, execution_data);
  }
  if (next != nullptr) carry(*next, place);
  return next;
}

TbbTask* execute_task(TbbTask* task, void* execution_data) {
  return run(task, execution_data, &Functions::execute, LLMO_STACK_ADDRESS());
}

TbbTask* cancel_task(TbbTask* task, void* execution_data) {
  return run(task, execution_data, &Functions::cancel, LLMO_STACK_ADDRESS());
}

}  // namespace

void carry_place(TbbTask& task, span::Address stack_address) {
  const platform::ErrnoSaver keep;
  carry(task, CarriedPlace::here(stack_address));
}

CarriedDelegate::CarriedDelegate(const TbbDelegate& delegate, span::Address stack_address)
    : delegate_(delegate), asked_by_(&span::thread_state), place_(CarriedPlace::here(stack_address).get()) {}

// The thread that asks is where it has to be already.
bool CarriedDelegate::operator()() const {
  if (&span::thread_state == asked_by_) return delegate_();
  const span::EnteredContext entered(place_, LLMO_STACK_ADDRESS());
  return delegate_();
}

void reset_tbb_tasks_after_fork() {
  for (Cache& cache : g_caches) cache.reset_after_fork();
}

}  // namespace llmo::pools
