// Ends: of the process, of a thread.
//
//   _exit, _Exit, quick_exit, abort, __assert_fail   the journal says how       span/process_end.h
//   pthread_exit, thrd_exit, pthread_cancel          the thread says how        span/thread_end.h
//
// exit() is seen by this library's own destructor. libc calls none of these by their public names, so what
// happens inside it stays unseen. Signal handlers call most of them: the real ones are found when the library
// is loaded.
#include <pthread.h>
#include <threads.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/exceptions.h"
#include "shim/span/process_end.h"
#include "shim/span/thread_end.h"

namespace {

namespace span = llmo::span;
using llmo::journal::EndKind;
using llmo::journal::ProcessState;
using llmo::platform::RealFunction;

using AssertFunction = void(const char*, const char*, unsigned, const char*);

constinit RealFunction<void(int)> real_underscore_exit{"_exit"};
constinit RealFunction<void(int)> real_capital_exit{"_Exit"};
constinit RealFunction<void(int)> real_quick_exit{"quick_exit"};
constinit RealFunction<void()> real_abort{"abort"};
constinit RealFunction<AssertFunction> real_assert_fail{"__assert_fail"};
constinit RealFunction<void(void*)> real_pthread_exit{"pthread_exit"};
constinit RealFunction<void(int)> real_thrd_exit{"thrd_exit"};
constinit RealFunction<int(pthread_t)> real_pthread_cancel{"pthread_cancel"};

}  // namespace

namespace llmo::hooks {

LLMO_COLD void find_end_functions() {
  real_underscore_exit.get();
  real_capital_exit.get();
  real_quick_exit.get();
  real_abort.get();
  real_assert_fail.get();
  real_pthread_exit.get();
  real_thrd_exit.get();
  real_pthread_cancel.get();
}

}  // namespace llmo::hooks

extern "C" {

LLMO_EXPORT void _exit(int status) {
  span::note_process_end_and_wait(ProcessState::kImmediateExiting, EndKind::kImmediateExit);
  real_underscore_exit.get()(status);
  __builtin_unreachable();
}

LLMO_EXPORT void _Exit(int status) noexcept {
  span::note_process_end_and_wait(ProcessState::kImmediateExiting, EndKind::kImmediateExit);
  real_capital_exit.get()(status);
  __builtin_unreachable();
}

// Not noexcept inside: handlers of the host's run beneath it.
LLMO_EXPORT void quick_exit(int status) noexcept {
  span::note_process_end_and_wait(ProcessState::kQuickExiting, EndKind::kQuickExit);
  real_quick_exit.get()(status);
  __builtin_unreachable();
}

LLMO_EXPORT void abort() noexcept {
  span::note_abort(LLMO_STACK_ADDRESS());
  span::note_process_end_and_wait(ProcessState::kAborting, EndKind::kAbort);
  real_abort.get()();
  __builtin_unreachable();
}

LLMO_EXPORT void __assert_fail(const char* text, const char* file, unsigned line,
                               const char* function) noexcept {
  span::note_process_end_and_wait(ProcessState::kAborting, EndKind::kAbort);
  real_assert_fail.get()(text, file, line, function);
  __builtin_unreachable();
}

LLMO_EXPORT void pthread_exit(void* result) {
  span::note_thread_exit();
  real_pthread_exit.get()(result);
  __builtin_unreachable();
}

LLMO_EXPORT void thrd_exit(int result) {
  span::note_thread_exit();
  real_thrd_exit.get()(result);
  __builtin_unreachable();
}

LLMO_EXPORT int pthread_cancel(pthread_t thread) {
  auto* const cancel = real_pthread_cancel.get();
  if (cancel == nullptr) return ENOSYS;
  {
    const llmo::platform::ErrnoSaver keep;
    span::note_thread_cancel(thread);
  }
  return cancel(thread);
}

}  // extern "C"
