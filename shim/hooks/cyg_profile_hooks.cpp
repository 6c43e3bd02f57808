// The two functions that code built with -finstrument-functions calls.
//
//   __cyg_profile_func_enter   after the prologue of every instrumented function   span/span_stack.h
//   __cyg_profile_func_exit    before its epilogue
//                              of the parts of coroutines                          span/coroutine.h
//
// They run at every call of every instrumented function: a function that is not traced costs one comparison
// and one byte. libc has stubs of both. A library behind us that has more than stubs is called too.
#include "shim/hooks/library.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/coroutine.h"
#include "shim/span/function_table.h"
#include "shim/span/hot_state.h"
#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

using CygProfileHook = void (*)(void* function, void* call_site);

constinit CygProfileHook next_enter = nullptr;
constinit CygProfileHook next_exit = nullptr;
constinit bool is_chained = false;

// The definition behind ours, unless it is libc's stub. Both names are in libc, so neither search fails;
// dladdr() would read all of libc's symbols, in every program that starts.
CygProfileHook find_next(const char* name) {
  void* const next = platform::next_function(name);
  void* const in_libc = platform::next_function("gnu_get_libc_version");
  const bool is_stub = platform::module_of(next) == platform::module_of(in_libc);
  return is_stub ? nullptr : reinterpret_cast<CygProfileHook>(next);
}

// True for what the hot page says nothing of and that needs nothing done: off with nobody behind us, or a
// function of another module that is not traced.
inline bool nothing_to_do(span::Address address) {
  if (span::is_off()) return !is_chained;
  return span::known_decision(address) == span::kIgnored;
}

LLMO_COLD void enter_slow(const span::HookCall& hook) {
  if (next_enter != nullptr)
    next_enter(reinterpret_cast<void*>(hook.function), reinterpret_cast<void*>(hook.call_site));
  const auto traced = span::recording() ? span::traced_function(hook.function) : std::nullopt;
  if (!traced) return;
  if (traced->coroutine != nullptr) return span::enter_coroutine_part(*traced, hook);
  if (span::is_paused()) {
    return span::enter_muted(traced->id, hook.call_site, hook.stack_address, std::nullopt);
  }
  if (traced->is_muted) {
    return span::enter_muted(traced->id, hook.call_site, hook.stack_address,
                             journal::LeftOutReason::kThrottled);
  }
  span::enter(traced->id, hook.call_site, hook.stack_address);
}

void leave(const span::TracedFunction& traced, const span::HookCall& hook) {
  if (traced.coroutine != nullptr) return span::exit_coroutine_part(traced, hook);
  span::exit(traced.id, hook.call_site, hook.stack_address);
}

LLMO_COLD void exit_slow(const span::HookCall& hook) {
  if (const auto traced = span::recording() ? span::traced_function(hook.function) : std::nullopt)
    leave(*traced, hook);
  if (next_exit != nullptr)
    next_exit(reinterpret_cast<void*>(hook.function), reinterpret_cast<void*>(hook.call_site));
}

}  // namespace

// Called from the assembly below.
extern "C" {

__attribute__((used)) void llmo_enter_slow(span::Address function, span::Address call_site,
                                           span::Address stack_address,
                                           const span::CallerRegisters* registers) {
  enter_slow({function, call_site, stack_address, *registers});
}

__attribute__((used)) void llmo_exit_slow(span::Address function, span::Address call_site,
                                          span::Address stack_address,
                                          const span::CallerRegisters* registers) {
  exit_slow({function, call_site, stack_address, *registers});
}

// As those above, with the registers as they are.
void llmo_enter_with_registers(span::Address function, span::Address call_site, span::Address stack_address);
void llmo_exit_with_registers(span::Address function, span::Address call_site, span::Address stack_address);

}  // extern "C"

// The registers that a coroutine's code keeps its frame in. Whoever comes here jumps, so they are what the
// hook's caller had; one that a compiler did not turn into a jump leaves less to be found.
#define LLMO_WITH_REGISTERS(name, target)  \
  __asm__(                                 \
      ".text\n"                            \
      ".p2align 4\n"                       \
      ".hidden " #name                     \
      "\n"                                 \
      ".globl " #name                      \
      "\n"                                 \
      ".type " #name ", @function\n" #name \
      ":\n"                                \
      "  .cfi_startproc\n"                 \
      "  sub $8, %rsp\n"                   \
      "  push %r15\n"                      \
      "  push %r14\n"                      \
      "  push %r13\n"                      \
      "  push %r12\n"                      \
      "  push %rbp\n"                      \
      "  push %rbx\n"                      \
      "  .cfi_adjust_cfa_offset 56\n"      \
      "  mov %rsp, %rcx\n"                 \
      "  call " #target                    \
      "\n"                                 \
      "  add $56, %rsp\n"                  \
      "  .cfi_adjust_cfa_offset -56\n"     \
      "  ret\n"                            \
      "  .cfi_endproc\n"                   \
      ".size " #name ", .-" #name "\n")

LLMO_WITH_REGISTERS(llmo_enter_with_registers, llmo_enter_slow);
LLMO_WITH_REGISTERS(llmo_exit_with_registers, llmo_exit_slow);

namespace {

// Functions of other modules, undecided ones, parts of coroutines, and everything while the hot page is
// empty: off, forked, not yet started. Apart from the slow part, which needs registers to be saved.
__attribute__((noinline)) void enter_other(span::Address function, span::Address call_site,
                                           span::Address stack_address) {
  if (!nothing_to_do(function)) llmo_enter_with_registers(function, call_site, stack_address);
}

__attribute__((noinline)) void exit_other(span::Address function, span::Address call_site,
                                          span::Address stack_address) {
  if (!nothing_to_do(function)) llmo_exit_with_registers(function, call_site, stack_address);
}

}  // namespace

LLMO_COLD void chain_cyg_profile_hooks() {
  next_enter = find_next("__cyg_profile_func_enter");
  next_exit = find_next("__cyg_profile_func_exit");
  is_chained = next_enter != nullptr || next_exit != nullptr;
  if (is_chained) span::keep_hot_page_empty();
}

}  // namespace llmo::hooks

using llmo::span::Address;

extern "C" LLMO_EXPORT void __cyg_profile_func_enter(void* function, void* call_site) {
  using namespace llmo;
  const auto address = reinterpret_cast<Address>(function);
  const span::Decision decision = span::hot_decision(address);
  if (decision == span::kIgnored) [[likely]]
    return;
  const auto site = reinterpret_cast<Address>(call_site);
  const Address stack = LLMO_STACK_ADDRESS();
  if (span::is_direct(decision)) return span::enter(decision - span::kFirstTraced, site, stack);
  hooks::enter_other(address, site, stack);
}

extern "C" LLMO_EXPORT void __cyg_profile_func_exit(void* function, void* call_site) {
  using namespace llmo;
  const auto address = reinterpret_cast<Address>(function);
  const span::Decision decision = span::hot_decision(address);
  if (decision == span::kIgnored) [[likely]]
    return;
  const auto site = reinterpret_cast<Address>(call_site);
  const Address stack = LLMO_STACK_ADDRESS();
  if (span::is_direct(decision)) return span::exit(decision - span::kFirstTraced, site, stack);
  hooks::exit_other(address, site, stack);
}
