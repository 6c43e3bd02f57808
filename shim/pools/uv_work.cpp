#include "shim/pools/uv_work.h"

#include "shim/platform/export.h"
#include "shim/pools/carried_place.h"
#include "shim/pools/work_table.h"
#include "shim/span/entered_context.h"

namespace llmo::pools {
namespace {

// A request from uv_queue_work() until its after-callback begins. libuv calls that for cancelled ones too,
// and does not let go of the request before, so each has one entry.
struct UvWork {
  WorkKey key;
  UvWork* next = nullptr;
  UvWorkCallback work = nullptr;
  UvAfterCallback after = nullptr;
  CarriedPlace place;
};

constinit WorkTable<platform::Part::kUv, UvWork, 10> g_works;

// On a thread of the pool.
void run_work(void* request) {
  UvWork work;
  const bool is_known = g_works.visit({request}, [&](UvWork& entry) {
    work = entry;
    return false;
  });
  if (!is_known) return;
  const span::EnteredContext entered(work.place.get(), LLMO_STACK_ADDRESS());
  work.work(request);
}

// On the loop's thread. The program may free the request here, or queue it again.
void run_after(void* request, int status) {
  UvWork work;
  const bool is_known = g_works.visit({request}, [&](UvWork& entry) {
    work = entry;
    return true;
  });
  if (!is_known || work.after == nullptr) return;
  const span::EnteredContext entered(work.place.get(), LLMO_STACK_ADDRESS());
  work.after(request, status);
}

void forget(void* request) {
  g_works.visit({request}, [](UvWork&) { return true; });
}

}  // namespace

int queue_uv_work(UvQueueWork* queue_work, void* loop, void* request, UvWorkCallback work,
                  UvAfterCallback after, span::Address stack_address) {
  const CarriedPlace place = CarriedPlace::here(stack_address);
  const bool is_carried =
      work != nullptr && !place.empty() && g_works.put({request}, [&](UvWork& entry, bool) {
        entry.work = work;
        entry.after = after;
        entry.place = place;
      });
  if (!is_carried) return queue_work(loop, request, work, after);
  const int error = queue_work(loop, request, run_work, run_after);
  if (error != 0) forget(request);
  return error;
}

void reset_uv_work_after_fork() { g_works.reset_after_fork(); }

}  // namespace llmo::pools
