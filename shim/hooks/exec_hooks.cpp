// Another program in the process's place.
//
//   execv, execvp, execve, execvpe, execl, execlp, execle, fexecve, execveat
//
// The journal says so until it fails (span/process_end.h), and the program is told where it was called
// (child_start.h).
//
// libc calls none of these by their public names. Signal handlers and children of vfork() do: the real ones
// are found when the library is loaded.
#include <unistd.h>

#include <cstdarg>

#include "shim/hooks/child_start.h"
#include "shim/hooks/library.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/process_end.h"

namespace {

using llmo::hooks::Arguments;
using llmo::platform::RealFunction;
using llmo::span::Address;

using ExecFunction = int(const char*, Arguments);
using ExecWithEnvironment = int(const char*, Arguments, Arguments);

constinit RealFunction<ExecFunction> real_execv{"execv"};
constinit RealFunction<ExecFunction> real_execvp{"execvp"};
constinit RealFunction<ExecWithEnvironment> real_execve{"execve"};
constinit RealFunction<ExecWithEnvironment> real_execvpe{"execvpe"};
constinit RealFunction<int(int, Arguments, Arguments)> real_fexecve{"fexecve"};
constinit RealFunction<int(int, const char*, Arguments, Arguments, int)> real_execveat{"execveat"};

template <typename Function, typename... Values>
int call(RealFunction<Function>& real, Values... values) {
  auto* const function = real.get();
  return function == nullptr ? llmo::platform::fail_as_missing() : function(values...);
}

// Runs `exec`, which comes back only where it fails, with the environment for the program.
template <typename Exec>
int run_exec(Arguments given, Address stack_address, Exec exec) {
  return llmo::hooks::start_child(given, stack_address, [&](Arguments environment) {
    llmo::span::note_process_end(llmo::journal::ProcessState::kExecuting);
    const int result = exec(environment);
    llmo::span::take_back_process_end();
    return result;
  });
}

// The process's own environment goes by the function that was called, so that whoever stands behind us still
// sees that one.
int exec_with_own(RealFunction<ExecFunction>& plain, RealFunction<ExecWithEnvironment>& other,
                  const char* program, Arguments arguments, Address stack_address) {
  Arguments const own = environ;
  return run_exec(own, stack_address, [&](Arguments environment) {
    return environment == own ? call(plain, program, arguments)
                              : call(other, program, arguments, environment);
  });
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

LLMO_COLD void find_exec_functions() {
  real_execv.get();
  real_execvp.get();
  real_execve.get();
  real_execvpe.get();
  real_fexecve.get();
  real_execveat.get();
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

LLMO_EXPORT int execv(const char* path, Arguments arguments) noexcept {
  return exec_with_own(real_execv, real_execve, path, arguments, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int execvp(const char* file, Arguments arguments) noexcept {
  return exec_with_own(real_execvp, real_execvpe, file, arguments, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int execve(const char* path, Arguments arguments, Arguments given) noexcept {
  return run_exec(given, LLMO_STACK_ADDRESS(),
                  [&](Arguments environment) { return call(real_execve, path, arguments, environment); });
}

LLMO_EXPORT int execvpe(const char* file, Arguments arguments, Arguments given) noexcept {
  return run_exec(given, LLMO_STACK_ADDRESS(),
                  [&](Arguments environment) { return call(real_execvpe, file, arguments, environment); });
}

LLMO_EXPORT int fexecve(int fd, Arguments arguments, Arguments given) noexcept {
  return run_exec(given, LLMO_STACK_ADDRESS(),
                  [&](Arguments environment) { return call(real_fexecve, fd, arguments, environment); });
}

LLMO_EXPORT int execveat(int fd, const char* path, Arguments arguments, Arguments given, int flags) noexcept {
  return run_exec(given, LLMO_STACK_ADDRESS(), [&](Arguments environment) {
    return call(real_execveat, fd, path, arguments, environment, flags);
  });
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

}  // extern "C"
// NOLINTEND(modernize-use-nullptr)
