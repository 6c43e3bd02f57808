// The library comes and goes.
//
// Loading costs little, as it happens in every program of a traced shell: settings are read, three handlers
// are registered, nothing is opened. Nothing is taken down at the end either, as functions still run after
// us.
#include "shim/hooks/library.h"

#include <pthread.h>

#include "shim/http/followed.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/exit_wait.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

void after_fork_in_child() {
  span::after_fork_in_child();
  http::reset_after_fork();
}

__attribute__((constructor)) void on_load() {
  const platform::ErrnoSaver keep;
  chain_cyg_profile_hooks();
  if (!span::recording()) return;
  pthread_atfork(span::before_fork, span::after_fork_in_parent, after_fork_in_child);
}

__attribute__((destructor)) void on_exit() {
  const platform::ErrnoSaver keep;
  if (!span::recording()) return;
  span::note_process_exit();
  span::wait_for_export();
}

}  // namespace

}  // namespace llmo::hooks
