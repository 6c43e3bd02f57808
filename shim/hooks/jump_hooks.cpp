// Jumps out of calls.
//
//   longjmp, _longjmp, siglongjmp, __longjmp_chk   what they leave is closed first   span/jumps.h
//
// They never return here. Signal handlers call them, so nothing of them may wait or allocate; the real ones
// are found when the library is loaded.
#include <setjmp.h>

#include <bit>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/jumps.h"

namespace {

using JumpFunction = void(__jmp_buf_tag*, int);

constinit llmo::platform::RealFunction<JumpFunction> real_longjmp{"longjmp"};
constinit llmo::platform::RealFunction<JumpFunction> real_underscore_longjmp{"_longjmp"};
constinit llmo::platform::RealFunction<JumpFunction> real_siglongjmp{"siglongjmp"};
constinit llmo::platform::RealFunction<JumpFunction> real_longjmp_chk{"__longjmp_chk"};

// The stack pointer that a jmp_buf stands for: the seventh of its words, mangled with a secret of the process
// (glibc, sysdeps/x86_64/jmpbuf-offsets.h and sysdeps/unix/sysv/linux/x86_64/pointer_guard.h).
llmo::span::Address target_of(const __jmp_buf_tag* buffer) {
  constexpr int kStackPointer = 6;
  constexpr int kRotation = 17;
  const auto mangled = static_cast<llmo::span::Address>(buffer->__jmpbuf[kStackPointer]);
  llmo::span::Address secret = 0;
  __asm__("movq %%fs:0x30, %0" : "=r"(secret));
  return std::rotr(mangled, kRotation) ^ secret;
}

[[noreturn]] void jump(llmo::platform::RealFunction<JumpFunction>& real, __jmp_buf_tag* buffer, int value,
                       llmo::span::Address stack_address) {
  {
    const llmo::platform::ErrnoSaver keep;
    llmo::span::note_jump(target_of(buffer), stack_address);
  }
  real.get()(buffer, value);
  __builtin_unreachable();
}

}  // namespace

namespace llmo::hooks {

LLMO_COLD void find_jump_functions() {
  real_longjmp.get();
  real_underscore_longjmp.get();
  real_siglongjmp.get();
  real_longjmp_chk.get();
}

}  // namespace llmo::hooks

extern "C" {

LLMO_EXPORT void longjmp(__jmp_buf_tag* buffer, int value) noexcept {
  jump(real_longjmp, buffer, value, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT void _longjmp(__jmp_buf_tag* buffer, int value) noexcept {
  jump(real_underscore_longjmp, buffer, value, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT void siglongjmp(__jmp_buf_tag* buffer, int value) noexcept {
  jump(real_siglongjmp, buffer, value, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT __attribute__((noreturn)) void __longjmp_chk(__jmp_buf_tag* buffer, int value) {
  jump(real_longjmp_chk, buffer, value, LLMO_STACK_ADDRESS());
}

}  // extern "C"
