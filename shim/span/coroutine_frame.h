// Finding a coroutine's frame from a hook that its code calls.
//
// The hook is told a function and a call site, not the frame. But the code that calls it needs the frame
// right after the hook returns, so it has it in a register that calls preserve or in a word of its stack, and
// a coroutine frame says what it is: it begins with the addresses of the functions that resume and destroy
// it. Both compilers lay it out so (LLVM, Coroutines.rst, switched-resume lowering).
//
//   w ──► ┌──────────────┐
//         │ resume       │  null at the final suspend point
//         │ destroy      │
//         │ promise, …   │
//         └──────────────┘
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "shim/span/function_table.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// The registers that calls preserve, as the hook's caller had them (System V psABI (AMD64) 3.2.1).
struct CallerRegisters {
  Address rbx = 0;
  Address rbp = 0;
  Address r12 = 0;
  Address r13 = 0;
  Address r14 = 0;
  Address r15 = 0;

  std::array<Address, 6> all() const { return {rbx, rbp, r12, r13, r14, r15}; }
};

// A call of __cyg_profile_func_enter or …_exit.
struct HookCall {
  Address function = 0;
  Address call_site = 0;
  Address stack_address = 0;  // LLMO_STACK_ADDRESS() of the hook: where its caller's stack ends
  CallerRegisters registers;
};

// Where the hook returns to: code of the function, or of one that it was inlined into.
Address return_address(const HookCall& hook);

// A word of this process's memory; nothing where there is none to read. Never faults. Signals: safe.
std::optional<Address> read_word(Address address);

// False where the kernel forbids what read_word() needs (a seccomp filter): no frame can be found then.
bool can_read_frames();

// True where the word is memory that this process may write to. It stays as it is.
bool is_writable(Address address);

// The frame of which the calling function, a part of `code`, is working; 0 where it is not found. For the
// entry hooks of a gcc build's resume and destroy functions: these begin by saving the frame's address, and
// the instruction that does it says where.
Address find_frame_of_part(const HookCall& hook, const CoroutineCode& code);

// The frame that begins with `resume`, of which a function that has called the hook's is working; 0 where it
// is not found.
Address find_frame_with(const HookCall& hook, Address resume);

// The frame that the calling function, the ramp of `code`, has just made and that is suspended for the first
// time. For the exit hook of a clang build's ramp. A frame that is followed already is not found again: it
// does not begin with the compiler's function any more.
Address find_new_frame(const HookCall& hook, const CoroutineCode& code);

}  // namespace llmo::span
