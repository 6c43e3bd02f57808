#include "shim/platform/module_walk.h"

#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {
namespace {

constexpr int kTriesAtFork = 1000;  // a millisecond apart

LLMO_AT_FORK constinit Lock g_lock;  // taken before the loader's lock on its list
// Of this thread, one in another. A fork under way counts as one: handlers of others run in it.
constinit thread_local int walks = 0;
constinit thread_local bool is_held_for_fork = false;

// A signal handler may walk too, between any two of these steps: it must never wait for its own thread.
class Walk {
 public:
  Walk() {
    if (walks++ == 0) g_lock.lock();
  }
  ~Walk() {
    if (walks == 1) g_lock.unlock();
    --walks;
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
};

void sleep_a_millisecond() {
  const timespec duration{0, 1'000'000};
  std::uint32_t word = 0;
  sys::futex(&word, FUTEX_WAIT_PRIVATE, word, &duration);
}

bool lock_in_time() {
  for (int i = 0; i < kTriesAtFork; ++i) {
    if (g_lock.try_lock()) return true;
    sleep_a_millisecond();
  }
  return false;
}

}  // namespace

int walk_modules(int (*visit)(dl_phdr_info*, std::size_t, void*), void* context) {
  const Walk walk;
  return dl_iterate_phdr(visit, context);
}

LLMO_COLD void keep_walks_from_fork() {
  if (walks != 0 || !lock_in_time()) return;
  is_held_for_fork = true;
  walks = 1;
}

LLMO_COLD void let_walks_go_on_in_parent() {
  if (!is_held_for_fork) return;
  is_held_for_fork = false;
  walks = 0;
  g_lock.unlock();
}

// The lock may be held by a thread that is not in the child.
LLMO_COLD void let_walks_go_on_in_child() {
  is_held_for_fork = false;
  walks = 0;
  g_lock.reset();
}

}  // namespace llmo::platform
