// The library comes and goes.
//
// Loading costs little, as it happens in every program of a traced shell: settings are read, a few functions
// are found, three handlers are registered, nothing is opened. Nothing is taken down at the end either, as
// functions still run after us.
#include "shim/hooks/library.h"

#include <pthread.h>

#include "shim/http/followed.h"
#include "shim/messaging/amqp_connections.h"
#include "shim/messaging/kafka_clients.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/part_lock.h"
#include "shim/pools/glib_pools.h"
#include "shim/pools/tbb_tasks.h"
#include "shim/pools/uv_work.h"
#include "shim/span/coroutine_slice.h"
#include "shim/span/process_end.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

LLMO_AT_FORK constinit bool is_recording = false;  // as it was found when the library was loaded

// Tables of what the host has open with other libraries: a thread of the parent may have held their locks.
// What they know is kept, as the child goes on with it: calls are passed on, to what lies behind them, where
// nothing is recorded too. What belongs to the spans themselves is reset by span/tracer.cpp, which sees a
// child by clone(2) alone as well.
struct ResetAfterFork {
  platform::Part part;
  void (*reset)();
};
constexpr ResetAfterFork kResetAfterFork[] = {
    {platform::Part::kHttp, http::reset_after_fork},
    {platform::Part::kAmqp, messaging::amqp::reset_after_fork},
    {platform::Part::kKafka, messaging::kafka::reset_clients_after_fork},
    {platform::Part::kGlib, pools::reset_glib_pools_after_fork},
    {platform::Part::kTbb, pools::reset_tbb_tasks_after_fork},
    {platform::Part::kUv, pools::reset_uv_work_after_fork},
};

}  // namespace

// Walks come last before a fork and first after it: the others may walk.
LLMO_COLD void before_fork() {
  if (is_recording) span::before_fork();
  platform::keep_walks_from_fork();
}

LLMO_COLD void after_fork_in_parent() {
  platform::let_walks_go_on_in_parent();
  if (is_recording) span::after_fork_in_parent();
}

LLMO_COLD void after_fork_in_child() {
  platform::let_walks_go_on_in_child();
  if (is_recording) span::after_fork_in_child();
  for (const ResetAfterFork& row : kResetAfterFork) {
    if (platform::is_used(row.part)) row.reset();
  }
}

namespace {

__attribute__((constructor)) void on_load() {
  const platform::ErrnoSaver keep;
  chain_cyg_profile_hooks();
  find_thread_functions();
  find_exception_functions();
  find_jump_functions();
  find_end_functions();
  find_fiber_functions();
  find_exec_functions();
  find_fork_functions();
  find_process_functions();
  is_recording = span::recording();
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

__attribute__((destructor)) void on_exit() {
  const platform::ErrnoSaver keep;
  if (!span::recording()) return;
  span::close_gone_coroutines();
  span::note_process_end_and_wait(journal::ProcessState::kExiting, journal::EndKind::kProcessExit);
}

}  // namespace

}  // namespace llmo::hooks
