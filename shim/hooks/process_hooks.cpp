// Other programs, started by libc.
//
//   posix_spawn, posix_spawnp   the program is told where it was called                child_start.h
//   system, popen               the same, by a command in front of the caller's        told_command.h
#include <spawn.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "shim/hooks/child_start.h"
#include "shim/hooks/library.h"
#include "shim/hooks/told_command.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"

namespace {

using llmo::hooks::Arguments;
using llmo::hooks::ToldCommand;
using llmo::platform::RealFunction;

using SpawnFunction = int(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                          Arguments, Arguments);

constinit RealFunction<SpawnFunction> real_posix_spawn{"posix_spawn"};
constinit RealFunction<SpawnFunction> real_posix_spawnp{"posix_spawnp"};
constinit RealFunction<int(const char*)> real_system{"system"};
constinit RealFunction<FILE*(const char*, const char*)> real_popen{"popen"};

int spawn(RealFunction<SpawnFunction>& real, pid_t* pid, const char* program,
          const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes, Arguments arguments,
          Arguments given, llmo::span::Address stack_address) {
  auto* const function = real.get();
  if (function == nullptr) return ENOSYS;
  return llmo::hooks::start_child(given, stack_address, [&](Arguments environment) {
    return function(pid, program, actions, attributes, arguments, environment);
  });
}

}  // namespace

namespace llmo::hooks {

LLMO_COLD void find_process_functions() {
  real_posix_spawn.get();
  real_posix_spawnp.get();
  real_system.get();
  real_popen.get();
}

}  // namespace llmo::hooks

extern "C" {

LLMO_EXPORT int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                            const posix_spawnattr_t* attributes, Arguments arguments, Arguments environment) {
  return spawn(real_posix_spawn, pid, path, actions, attributes, arguments, environment,
               LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                             const posix_spawnattr_t* attributes, Arguments arguments,
                             Arguments environment) {
  return spawn(real_posix_spawnp, pid, file, actions, attributes, arguments, environment,
               LLMO_STACK_ADDRESS());
}

// A cancellation point, as popen() is: what is left by it is given back by destructors.
LLMO_EXPORT int system(const char* command) {
  auto* const function = real_system.get();
  if (function == nullptr) return llmo::platform::fail_as_missing();
  const ToldCommand told(command, LLMO_STACK_ADDRESS());
  return function(told.get());
}

LLMO_EXPORT FILE* popen(const char* command, const char* type) {
  auto* const function = real_popen.get();
  if (function == nullptr) {
    llmo::platform::fail_as_missing();
    return nullptr;
  }
  const ToldCommand told(command, LLMO_STACK_ADDRESS());
  return function(told.get(), type);
}

}  // extern "C"
