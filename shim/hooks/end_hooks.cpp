// Ends: of the process, of a thread, of the program that the process runs.
//
//   _exit, _Exit, quick_exit, abort, __assert_fail   the journal says how       span/process_end.h
//   exec family                                      the same, until it fails
//   vfork, _Fork                                     the child is not us        span/process_end.h,
//   span/tracer.h pthread_exit, thrd_exit, pthread_cancel          the thread says how span/thread_end.h
//
// exit() is seen by this library's own destructor. libc calls none of these by their public names, so what
// happens inside it (posix_spawn(), system(), assembly) stays unseen. Signal handlers call most of them: the
// real ones are found when the library is loaded.
#include <pthread.h>
#include <threads.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/exceptions.h"
#include "shim/span/process_end.h"
#include "shim/span/thread_end.h"
#include "shim/span/tracer.h"

namespace {

namespace span = llmo::span;
using llmo::journal::EndKind;
using llmo::journal::ProcessState;
using llmo::platform::RealFunction;

using Arguments = char* const*;
using AssertFunction = void(const char*, const char*, unsigned, const char*);
using ExecFunction = int(const char*, Arguments);
using ExecWithEnvironment = int(const char*, Arguments, Arguments);

constinit RealFunction<void(int)> real_underscore_exit{"_exit"};
constinit RealFunction<void(int)> real_capital_exit{"_Exit"};
constinit RealFunction<void(int)> real_quick_exit{"quick_exit"};
constinit RealFunction<void()> real_abort{"abort"};
constinit RealFunction<AssertFunction> real_assert_fail{"__assert_fail"};
constinit RealFunction<ExecFunction> real_execv{"execv"};
constinit RealFunction<ExecFunction> real_execvp{"execvp"};
constinit RealFunction<ExecWithEnvironment> real_execve{"execve"};
constinit RealFunction<ExecWithEnvironment> real_execvpe{"execvpe"};
constinit RealFunction<int(int, Arguments, Arguments)> real_fexecve{"fexecve"};
constinit RealFunction<int(int, const char*, Arguments, Arguments, int)> real_execveat{"execveat"};
constinit RealFunction<pid_t()> real_fork_only{"_Fork"};
constinit RealFunction<void(void*)> real_pthread_exit{"pthread_exit"};
constinit RealFunction<void(int)> real_thrd_exit{"thrd_exit"};
constinit RealFunction<int(pthread_t)> real_pthread_cancel{"pthread_cancel"};

// Runs `exec`, which comes back only where it fails.
template <typename Exec>
int run_exec(Exec exec) {
  span::note_process_end(ProcessState::kExecuting);
  const int result = exec();
  span::take_back_process_end();
  return result;
}

template <typename Function, typename... Values>
int exec_by(RealFunction<Function>& real, Values... values) {
  auto* const exec = real.get();
  if (exec == nullptr) {
    errno = ENOSYS;
    return -1;
  }
  return run_exec([&] { return exec(values...); });
}

// The arguments of execl() and its kin, up to the null pointer that ends them. As libc does it: in the frame
// of the caller, as there may be no memory and this may be a signal handler.
std::size_t count_arguments(va_list list) {
  std::size_t count = 1;
  while (va_arg(list, const char*) != nullptr) ++count;
  return count;
}

// `all` has room for what count_arguments() counted, and one more.
void collect_arguments(const char* first, va_list list, char** all) {
  *all = const_cast<char*>(first);
  while (*all != nullptr) *++all = va_arg(list, char*);
}

}  // namespace

namespace llmo::hooks {

void find_end_functions() {
  real_underscore_exit.get();
  real_capital_exit.get();
  real_quick_exit.get();
  real_abort.get();
  real_assert_fail.get();
  real_execv.get();
  real_execvp.get();
  real_execve.get();
  real_execvpe.get();
  real_fexecve.get();
  real_execveat.get();
  real_fork_only.get();
  real_pthread_exit.get();
  real_thrd_exit.get();
  real_pthread_cancel.get();
}

}  // namespace llmo::hooks

// NOLINTBEGIN(modernize-use-nullptr)
#define LLMO_COLLECT_ARGUMENTS(first)                                                          \
  va_list list;                                                                                \
  va_start(list, first);                                                                       \
  const std::size_t count = count_arguments(list);                                             \
  va_end(list);                                                                                \
  auto** const arguments = static_cast<char**>(__builtin_alloca((count + 1) * sizeof(char*))); \
  va_start(list, first);                                                                       \
  collect_arguments(first, list, arguments)

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

LLMO_EXPORT int execv(const char* path, Arguments arguments) noexcept {
  return exec_by(real_execv, path, arguments);
}

LLMO_EXPORT int execvp(const char* file, Arguments arguments) noexcept {
  return exec_by(real_execvp, file, arguments);
}

LLMO_EXPORT int execve(const char* path, Arguments arguments, Arguments environment) noexcept {
  return exec_by(real_execve, path, arguments, environment);
}

LLMO_EXPORT int execvpe(const char* file, Arguments arguments, Arguments environment) noexcept {
  return exec_by(real_execvpe, file, arguments, environment);
}

LLMO_EXPORT int fexecve(int fd, Arguments arguments, Arguments environment) noexcept {
  return exec_by(real_fexecve, fd, arguments, environment);
}

LLMO_EXPORT int execveat(int fd, const char* path, Arguments arguments, Arguments environment,
                         int flags) noexcept {
  return exec_by(real_execveat, fd, path, arguments, environment, flags);
}

LLMO_EXPORT int execl(const char* path, const char* first, ...) noexcept {
  LLMO_COLLECT_ARGUMENTS(first);
  va_end(list);
  return execv(path, arguments);
}

LLMO_EXPORT int execlp(const char* file, const char* first, ...) noexcept {
  LLMO_COLLECT_ARGUMENTS(first);
  va_end(list);
  return execvp(file, arguments);
}

// The environment comes after the null pointer that ends the arguments.
LLMO_EXPORT int execle(const char* path, const char* first, ...) noexcept {
  LLMO_COLLECT_ARGUMENTS(first);
  auto* const environment = va_arg(list, Arguments);
  va_end(list);
  return execve(path, arguments, environment);
}

// As fork(), which runs handlers of ours, and those of others, that this one does not.
LLMO_EXPORT pid_t _Fork() noexcept {
  auto* const fork_only = real_fork_only.get();
  if (fork_only == nullptr) {
    errno = ENOSYS;
    return -1;
  }
  llmo::hooks::before_fork();
  const pid_t child = fork_only();
  const llmo::platform::ErrnoSaver keep;
  if (child == 0) {
    llmo::hooks::after_fork_in_child();
  } else {
    llmo::hooks::after_fork_in_parent();
  }
  return child;
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

// Called from the stub below.
__attribute__((visibility("hidden"))) void llmo_before_vfork() { span::before_vfork(); }

__attribute__((visibility("hidden"))) pid_t llmo_after_vfork(long result) {
  span::after_vfork_in_parent();
  if (result >= 0) return static_cast<pid_t>(result);
  errno = static_cast<int>(-result);
  return -1;
}

// The child returns first, to our caller, and goes on to use the stack from here down: so the return address
// must not stand there meanwhile, and no function of libc can be called for the fork itself. rdi outlives the
// system call, in both (System V psABI (AMD64) A.2.1); the number of vfork is 58.
LLMO_EXPORT __attribute__((naked)) pid_t vfork() noexcept {
  __asm__(
      "endbr64\n\t"
      "subq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "call llmo_before_vfork\n\t"
      "addq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rdi\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      ".cfi_register %rip, %rdi\n\t"
      "movl $58, %eax\n\t"
      "syscall\n\t"
      "pushq %rdi\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      ".cfi_rel_offset %rip, 0\n\t"
      "testq %rax, %rax\n\t"
      "jz 1f\n\t"
      "movq %rax, %rdi\n\t"
      "jmp llmo_after_vfork\n"
      "1:\n\t"
      "ret\n");
}

}  // extern "C"
// NOLINTEND(modernize-use-nullptr)
