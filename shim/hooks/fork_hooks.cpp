// Children that are this program, by other ways than fork(), whose handlers hooks/library.cpp has.
//
//   vfork    the child is not us until it is another program      span/process_end.h
//   _Fork    a fork without handlers
//   clone    either of the two, or a thread, as its flags say
//
// libc itself calls none of these by their public names.
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/process_end.h"

namespace {

namespace span = llmo::span;
using llmo::platform::ErrnoSaver;
using llmo::platform::RealFunction;

using CloneBody = int(void*);

constinit RealFunction<pid_t()> real_fork_only{"_Fork"};
constinit RealFunction<int(CloneBody*, void*, int, void*, ...)> real_clone{"clone"};

struct CloneStart {
  CloneBody* body;
  void* argument;
};

// In a copy of the caller's memory: what `start` points to is there, too.
int run_forked(void* start) {
  const CloneStart copy = *static_cast<CloneStart*>(start);
  {
    const ErrnoSaver keep;
    llmo::hooks::after_fork_in_child();
  }
  return copy.body(copy.argument);
}

// Calls `clone` and returns what it does.
template <typename Clone>
int clone_as_fork(CloneBody* body, void* argument, Clone clone) {
  CloneStart start{body, argument};
  llmo::hooks::before_fork();
  const int child = clone(run_forked, &start);
  const ErrnoSaver keep;
  llmo::hooks::after_fork_in_parent();
  return child;
}

template <typename Clone>
int clone_as_vfork(CloneBody* body, void* argument, Clone clone) {
  span::before_vfork();
  const int child = clone(body, argument);
  const ErrnoSaver keep;
  span::after_vfork_in_parent();
  return child;
}

}  // namespace

namespace llmo::hooks {

LLMO_COLD void find_fork_functions() {
  real_fork_only.get();
  real_clone.get();
}

}  // namespace llmo::hooks

extern "C" {

// As fork(), which runs handlers of ours, and those of others, that this one does not.
LLMO_EXPORT pid_t _Fork() noexcept {
  auto* const fork_only = real_fork_only.get();
  if (fork_only == nullptr) return llmo::platform::fail_as_missing();
  llmo::hooks::before_fork();
  const pid_t child = fork_only();
  const ErrnoSaver keep;
  if (child == 0) {
    llmo::hooks::after_fork_in_child();
  } else {
    llmo::hooks::after_fork_in_parent();
  }
  return child;
}

// The optional arguments may not be there: then something else is read, and not used, as libc's own does.
LLMO_EXPORT int clone(CloneBody* body, void* stack, int flags, void* argument, ...) noexcept {
  auto* const real = real_clone.get();
  if (real == nullptr) return llmo::platform::fail_as_missing();
  va_list list;
  va_start(list, argument);
  void* const parent_tid = va_arg(list, void*);
  void* const thread_area = va_arg(list, void*);
  void* const child_tid = va_arg(list, void*);
  va_end(list);
  const auto clone_with = [&](CloneBody* with_body, void* with_argument) {
    return real(with_body, stack, flags, with_argument, parent_tid, thread_area, child_tid);
  };
  if (body == nullptr || stack == nullptr) return clone_with(body, argument);
  if ((flags & CLONE_VM) == 0) return clone_as_fork(body, argument, clone_with);
  if ((flags & CLONE_VFORK) != 0 && (flags & CLONE_SETTLS) == 0) {
    return clone_as_vfork(body, argument, clone_with);
  }
  return clone_with(body, argument);
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
