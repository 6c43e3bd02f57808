// The functions of the unwinder that tell where exceptions come from and where they go.
//
//   _Unwind_RaiseException      by throw and std::rethrow_exception()                  span/exceptions.h
//   _Unwind_Resume_or_Rethrow   by `throw;`
//   _Unwind_SetIP               by a personality routine: a cleanup or a handler begins
//
// They stand below the C++ runtime, so what is true of libstdc++ is true of libc++abi, of a runtime that is
// linked into the program, and of other languages. There is one unwinder in a process, however many runtimes:
// the first in the loader's order serves all. This library needs libgcc_s itself, so there is always one
// behind us, also for C programs that load C++ later.
//
// Where no call is open, a hook is a few tests and a jump. The frames of the first two are unwound through:
// they have nothing to clean up.
#include <unwind.h>

#include "shim/hooks/library.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/call_stack.h"
#include "shim/span/coroutine_exceptions.h"
#include "shim/span/exceptions.h"

extern "C" __attribute__((visibility("hidden"))) const char __ehdr_start;  // by the linker: our first byte
extern "C" __attribute__((visibility("hidden"))) const char _end;          // and our last

namespace llmo::hooks {

namespace {

using RaiseFunction = _Unwind_Reason_Code(_Unwind_Exception*);

constinit platform::RealFunction<RaiseFunction> real_raise{"_Unwind_RaiseException"};
constinit platform::RealFunction<RaiseFunction> real_rethrow{"_Unwind_Resume_or_Rethrow"};
constinit platform::RealFunction<void(_Unwind_Context*, _Unwind_Ptr)> real_set_ip{"_Unwind_SetIP"};

constexpr int kException = 0;  // __builtin_eh_return_data_regno(0) is rax, whose DWARF number is 0
constexpr int kSelector = 1;   // __builtin_eh_return_data_regno(1) is rdx, whose DWARF number is 1

// A personality routine says what it has caught, and which of the handlers it has found, 0 for none, before
// it says where.
const _Unwind_Exception* landing_exception(_Unwind_Context* context) {
  return reinterpret_cast<const _Unwind_Exception*>(_Unwind_GetGR(context, kException));
}
bool is_handler(_Unwind_Context* context) { return _Unwind_GetGR(context, kSelector) != 0; }

}  // namespace

LLMO_COLD void find_exception_functions() {
  real_raise.get();
  real_rethrow.get();
  real_set_ip.get();
  span::leave_out_of_stacks(reinterpret_cast<std::uintptr_t>(&__ehdr_start),
                            reinterpret_cast<std::uintptr_t>(&_end));
}

namespace {

// Only an exception that nobody catches comes back.
_Unwind_Reason_Code raise_and_note(RaiseFunction* raise, _Unwind_Exception* exception,
                                   std::uintptr_t stack_address, span::RaisedBy by) {
  span::note_raise(exception, stack_address, by);
  const _Unwind_Reason_Code code = raise(exception);
  span::note_uncaught(exception);
  return code;
}

void note_landing(_Unwind_Context* context) {
  const bool handles = is_handler(context);
  if (handles) span::note_coroutine_handler(context);
  span::note_landing(landing_exception(context), _Unwind_GetCFA(context), handles);
}

}  // namespace

}  // namespace llmo::hooks

extern "C" {

LLMO_EXPORT _Unwind_Reason_Code _Unwind_RaiseException(_Unwind_Exception* exception) {
  using namespace llmo;
  auto* const raise = hooks::real_raise.get();
  if (raise == nullptr) return _URC_FATAL_PHASE1_ERROR;
  if (!span::exceptions_matter()) return raise(exception);
  return hooks::raise_and_note(raise, exception, LLMO_STACK_ADDRESS(), span::RaisedBy::kRaise);
}

LLMO_EXPORT _Unwind_Reason_Code _Unwind_Resume_or_Rethrow(_Unwind_Exception* exception) {
  using namespace llmo;
  auto* const rethrow = hooks::real_rethrow.get();
  if (rethrow == nullptr) return _URC_FATAL_PHASE1_ERROR;
  if (!span::exceptions_matter()) return rethrow(exception);
  return hooks::raise_and_note(rethrow, exception, LLMO_STACK_ADDRESS(), span::RaisedBy::kRethrow);
}

LLMO_EXPORT void _Unwind_SetIP(_Unwind_Context* context, _Unwind_Ptr address) {
  using namespace llmo;
  auto* const set_ip = hooks::real_set_ip.get();
  if (set_ip == nullptr) return;
  if (span::exceptions_matter()) hooks::note_landing(context);
  set_ip(context, address);
}

}  // extern "C"
