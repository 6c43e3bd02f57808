// Stacks that a program makes and switches between.
//
//   makecontext, make_fcontext                     a fiber begins here                 span/fibers.h
//   swapcontext, jump_fcontext, ontop_fcontext     the thread goes on on another one
//   setcontext                                     the same, or a jump                 span/jumps.h
//
// Switches keep their caller's registers and stack pointer for later, so the hooks jump into the real
// function and leave no frame. libc's are found when the library is loaded: signal handlers call them, and
// threads that a constructor waits for under dlopen(). Boost.Context's come with a library that may be loaded
// later, or twice, or go again: the real one is the one that the caller would have found.
//
// glibc's own code goes on to `uc_link` when the function of a fiber returns, by way of a return address that
// makecontext() has put on the fiber's stack. It is exchanged for one of ours, which goes there in the end.
#include <ucontext.h>

#include <atomic>

#include "shim/hooks/library.h"
#include "shim/platform/caller_function.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/fibers.h"
#include "shim/span/jumps.h"

// What Boost.Context's functions return, as it lays it out.
struct llmo_transfer {
  void* context;
  void* data;
};

namespace {

using llmo::platform::CallerFunction;
using llmo::platform::ErrnoSaver;
using llmo::platform::RealFunction;
using llmo::span::Address;
namespace span = llmo::span;

using MakeContext = void(ucontext_t*, void (*)(), int, ...);

constinit RealFunction<MakeContext> real_makecontext{"makecontext"};
constinit RealFunction<int(ucontext_t*, const ucontext_t*)> real_swapcontext{"swapcontext"};
constinit RealFunction<int(const ucontext_t*)> real_setcontext{"setcontext"};

// Boost.Context's are called with the return address of whoever switches.
using AnyFunction = void();
constexpr const char* kBoost = "libboost_context";
constinit CallerFunction<void*(void*, std::size_t, void (*)(llmo_transfer))> real_make_fcontext{
    "make_fcontext", kBoost};
constinit CallerFunction<AnyFunction> real_jump_fcontext{"jump_fcontext", kBoost};
constinit CallerFunction<AnyFunction> real_ontop_fcontext{"ontop_fcontext", kBoost};

Address stack_pointer_of(const ucontext_t* context) {
  return static_cast<Address>(context->uc_mcontext.gregs[REG_RSP]);
}

// Control-flow enforcement keeps a second copy of return addresses, which ours would not be in. 0: there is
// none (the instruction does nothing then).
Address shadow_stack() {
  Address pointer = 0;
  __asm__ volatile("rdsspq %0" : "+r"(pointer));
  return pointer;
}

}  // namespace

namespace llmo::hooks {

LLMO_COLD void find_fiber_functions() {
  real_makecontext.get();
  real_swapcontext.get();
  real_setcontext.get();
}

}  // namespace llmo::hooks

extern "C" {

// Where a fiber's function returns to without us: code of libc's, the same for every fiber.
__attribute__((visibility("hidden"))) constinit std::atomic<void*> llmo_after_fiber{nullptr};

__attribute__((visibility("hidden"))) void llmo_fiber_ended(Address stack_address) {
  const ErrnoSaver keep;
  span::note_fiber_end(stack_address);
}

// Entered by the return of a fiber's function, with the stack as libc's code expects it: rbx points to what
// it needs, and it moves the stack pointer there first (glibc,
// sysdeps/unix/sysv/linux/x86_64/__start_context.S). Unwinders stop here: there is no caller. They look at
// the byte before a return address, hence the nop.
__attribute__((naked, visibility("hidden"))) void llmo_fiber_return() {
  __asm__(
      ".cfi_undefined %rip\n\t"
      "nop\n"
      ".globl llmo_fiber_end\n\t"
      ".hidden llmo_fiber_end\n"
      "llmo_fiber_end:\n\t"
      "endbr64\n\t"
      "movq %rsp, %rdi\n\t"
      "andq $-16, %rsp\n\t"
      "call llmo_fiber_ended\n\t"
      "jmp *llmo_after_fiber(%rip)\n");
}
extern const char llmo_fiber_end[] __attribute__((visibility("hidden")));

__attribute__((visibility("hidden"))) MakeContext* llmo_find_makecontext() {
  const ErrnoSaver keep;
  return real_makecontext.get();
}

// `context` is made: a fiber with the memory of its stack.
__attribute__((visibility("hidden"))) void llmo_context_made(const ucontext_t* context,
                                                             Address stack_address) {
  const ErrnoSaver keep;
  const auto low = reinterpret_cast<Address>(context->uc_stack.ss_sp);
  const ucontext_t* const link = context->uc_link;
  const greg_t* const next = link == nullptr ? nullptr : &link->uc_mcontext.gregs[REG_RSP];
  span::note_fiber({low, low + context->uc_stack.ss_size}, next, stack_address);
  if (!span::fibers_exist() || shadow_stack() != 0) return;
  auto* const return_address = reinterpret_cast<void**>(stack_pointer_of(context));
  void* known = nullptr;
  llmo_after_fiber.compare_exchange_strong(known, *return_address, std::memory_order_relaxed);
  if (*return_address != llmo_after_fiber.load(std::memory_order_relaxed)) return;
  *return_address = const_cast<char*>(llmo_fiber_end);
}

// Takes any number of arguments: the real one is called with a copy of those on the stack.
LLMO_EXPORT __attribute__((naked)) void makecontext(ucontext_t*, void (*)(), int, ...) noexcept {
  __asm__(
      "endbr64\n\t"
      "pushq %rbp\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      ".cfi_rel_offset %rbp, 0\n\t"
      "movq %rsp, %rbp\n\t"
      ".cfi_def_cfa_register %rbp\n\t"
      "pushq %rdi\n\t"
      "pushq %rsi\n\t"
      "pushq %rdx\n\t"
      "pushq %rcx\n\t"
      "pushq %r8\n\t"
      "pushq %r9\n\t"
      "call llmo_find_makecontext\n\t"
      "movq %rax, %r11\n\t"
      "popq %r9\n\t"
      "popq %r8\n\t"
      "popq %rcx\n\t"
      "popq %rdx\n\t"
      "popq %rsi\n\t"
      "movq (%rsp), %rdi\n\t"
      "pushq %rdi\n\t"
      // Three of the function's arguments are in registers: the others lie above the return address.
      "movslq %edx, %r10\n\t"
      "subq $3, %r10\n\t"
      "jle 2f\n\t"
      "leaq 1(%r10), %rax\n\t"
      "andq $-2, %rax\n\t"
      "shlq $3, %rax\n\t"
      "subq %rax, %rsp\n"
      "1:\n\t"
      "movq 8(%rbp,%r10,8), %rax\n\t"
      "movq %rax, -8(%rsp,%r10,8)\n\t"
      "decq %r10\n\t"
      "jnz 1b\n"
      "2:\n\t"
      "xorl %eax, %eax\n\t"
      "call *%r11\n\t"
      "movq -8(%rbp), %rdi\n\t"
      "leaq 16(%rbp), %rsi\n\t"
      "leaq -16(%rbp), %rsp\n\t"
      "call llmo_context_made\n\t"
      "leave\n\t"
      ".cfi_def_cfa %rsp, 8\n\t"
      "ret\n");
}

// What the stubs below jump to, after the switch was noted. `here` is the stack address of their caller,
// whose return address lies under it.
__attribute__((visibility("hidden"))) void* llmo_choose_swapcontext(ucontext_t*, const ucontext_t* to, void*,
                                                                    Address here) {
  const ErrnoSaver keep;
  span::note_switch(stack_pointer_of(to), here);
  return reinterpret_cast<void*>(real_swapcontext.get());
}

__attribute__((visibility("hidden"))) void* llmo_choose_setcontext(const ucontext_t* to, void*, void*,
                                                                   Address here) {
  const ErrnoSaver keep;
  span::note_jump(stack_pointer_of(to), here);
  return reinterpret_cast<void*>(real_setcontext.get());
}

__attribute__((visibility("hidden"))) void* llmo_choose_jump_fcontext(Address to, void*, void*,
                                                                      Address here) {
  const ErrnoSaver keep;
  span::note_switch(to, here);
  return reinterpret_cast<void*>(real_jump_fcontext.get(*(reinterpret_cast<void**>(here) - 1)));
}

__attribute__((visibility("hidden"))) void* llmo_choose_ontop_fcontext(Address to, void*, void*,
                                                                       Address here) {
  const ErrnoSaver keep;
  span::note_switch(to, here);
  return reinterpret_cast<void*>(real_ontop_fcontext.get(*(reinterpret_cast<void**>(here) - 1)));
}

// A hook of up to three arguments that asks `chooser` where to jump, with the caller's stack address as
// fourth.
#define LLMO_JUMP_AS_CHOSEN(chooser)  \
  __asm__(                            \
      "endbr64\n\t"                   \
      "pushq %rdi\n\t"                \
      ".cfi_adjust_cfa_offset 8\n\t"  \
      "pushq %rsi\n\t"                \
      ".cfi_adjust_cfa_offset 8\n\t"  \
      "pushq %rdx\n\t"                \
      ".cfi_adjust_cfa_offset 8\n\t"  \
      "leaq 32(%rsp), %rcx\n\t"       \
      "call " #chooser                \
      "\n\t"                          \
      "popq %rdx\n\t"                 \
      ".cfi_adjust_cfa_offset -8\n\t" \
      "popq %rsi\n\t"                 \
      ".cfi_adjust_cfa_offset -8\n\t" \
      "popq %rdi\n\t"                 \
      ".cfi_adjust_cfa_offset -8\n\t" \
      "jmp *%rax\n")

LLMO_EXPORT __attribute__((naked)) int swapcontext(ucontext_t*, const ucontext_t*) noexcept {
  LLMO_JUMP_AS_CHOSEN(llmo_choose_swapcontext);
}

LLMO_EXPORT __attribute__((naked)) int setcontext(const ucontext_t*) noexcept {
  LLMO_JUMP_AS_CHOSEN(llmo_choose_setcontext);
}

LLMO_EXPORT __attribute__((naked)) llmo_transfer jump_fcontext(void*, void*) {
  LLMO_JUMP_AS_CHOSEN(llmo_choose_jump_fcontext);
}

LLMO_EXPORT __attribute__((naked)) llmo_transfer ontop_fcontext(void*, void*,
                                                                llmo_transfer (*)(llmo_transfer)) {
  LLMO_JUMP_AS_CHOSEN(llmo_choose_ontop_fcontext);
}

// `top` is where the memory of the stack ends.
LLMO_EXPORT void* make_fcontext(void* top, std::size_t size, void (*body)(llmo_transfer)) {
  auto* const make = real_make_fcontext.get(__builtin_return_address(0));
  if (make == nullptr) return nullptr;
  const auto high = reinterpret_cast<Address>(top);
  span::note_fiber({high - size, high}, nullptr, LLMO_STACK_ADDRESS());
  return make(top, size, body);
}

}  // extern "C"
