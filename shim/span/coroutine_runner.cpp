#include "shim/span/coroutine_runner.h"

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/span/coroutine_slice.h"

namespace llmo::span {

using journal::EndKind;

namespace {

// A call of the runner. Its address lies on the stack, where a transfer finds it.
class Run {
 public:
  explicit Run(Address stack_address) : stack_address_(stack_address) {}
  // Left by an exception, or by the end of the thread, where the function has not returned.
  ~Run() { end(returned_ ? EndKind::kReturned : EndKind::kException); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Begins a slice in place of the one before; returns the compiler's function, or 0 for a frame that is not
  // known, which cannot be: who stands in a frame is in the table.
  Address begin(Address frame, SliceKind kind) {
    end(EndKind::kReturned);
    const platform::ErrnoSaver keep;
    Coroutine* const coroutine = refer(frame);
    if (coroutine == nullptr) return 0;
    const CoroutineCode& code = *coroutine->code;
    slice_ = begin_slice(coroutine, code, kind, stack_address_);
    return kind == SliceKind::kDestroy ? code.destroy : code.resume;
  }

  void returned() { returned_ = true; }

 private:
  static Coroutine* refer(Address frame) {
    const SlowSection section(thread_state);
    return refer_to_coroutine(frame);
  }

  void end(EndKind how) {
    if (slice_ != nullptr) end_slice(slice_, how);
    slice_ = nullptr;
  }

  const Address stack_address_;
  Slice* slice_ = nullptr;
  bool returned_ = false;
};

}  // namespace

extern "C" {

// Below, in assembly: calls `function(frame)`; while it runs, `run` lies next to the return address.
void llmo_coroutine_call(Address frame, Address function, void* run);
// What stands in frames.
void llmo_coroutine_resume(Address frame);
void llmo_coroutine_destroy(Address frame);

// Not noexcept: a coroutine whose unhandled_exception() throws is left through here.
__attribute__((used)) void llmo_coroutine_run(Address frame) {
  Run run(LLMO_STACK_ADDRESS());
  const Address function = run.begin(frame, SliceKind::kResume);
  if (function != 0) llmo_coroutine_call(frame, function, &run);
  run.returned();
}

__attribute__((used)) void llmo_coroutine_end(Address frame) {
  Run run(LLMO_STACK_ADDRESS());
  const Address function = run.begin(frame, SliceKind::kDestroy);
  if (function != 0) llmo_coroutine_call(frame, function, &run);
  run.returned();
}

// Returns what to jump to.
__attribute__((used)) Address llmo_coroutine_transfer(Address frame, void* run) {
  return static_cast<Run*>(run)->begin(frame, SliceKind::kResume);
}

}  // extern "C"

// rsp + 8 is a multiple of 16 where a function begins (System V psABI (AMD64) 3.2.2). The call frame
// information lets exceptions pass.
__asm__(R"(
  .text
  .p2align 4
  .hidden llmo_coroutine_call
  .globl llmo_coroutine_call
  .type llmo_coroutine_call, @function
llmo_coroutine_call:
  .cfi_startproc
  push %rdx
  .cfi_adjust_cfa_offset 8
  call *%rsi
.Lllmo_coroutine_called:
  add $8, %rsp
  .cfi_adjust_cfa_offset -8
  ret
  .cfi_endproc
  .size llmo_coroutine_call, .-llmo_coroutine_call

  .p2align 4
  .hidden llmo_coroutine_resume
  .globl llmo_coroutine_resume
  .type llmo_coroutine_resume, @function
llmo_coroutine_resume:
  .cfi_startproc
  endbr64
  lea .Lllmo_coroutine_called(%rip), %rax
  cmp %rax, (%rsp)
  je 1f
  jmp llmo_coroutine_run
1:
  push %rdi
  .cfi_adjust_cfa_offset 8
  mov 16(%rsp), %rsi
  call llmo_coroutine_transfer
  pop %rdi
  .cfi_adjust_cfa_offset -8
  test %rax, %rax
  jz 2f
  jmp *%rax
2:
  ret
  .cfi_endproc
  .size llmo_coroutine_resume, .-llmo_coroutine_resume

  .p2align 4
  .hidden llmo_coroutine_destroy
  .globl llmo_coroutine_destroy
  .type llmo_coroutine_destroy, @function
llmo_coroutine_destroy:
  .cfi_startproc
  endbr64
  jmp llmo_coroutine_end
  .cfi_endproc
  .size llmo_coroutine_destroy, .-llmo_coroutine_destroy
)");

namespace {

bool exchange(Address place, Address from, Address to) {
  auto* const word = reinterpret_cast<Address*>(place);
  // Release: a thread that is led to our runner finds the coroutine in the table.
  return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

}  // namespace

Address resume_runner() { return reinterpret_cast<Address>(&llmo_coroutine_resume); }

bool run_by_us(Address frame, const CoroutineCode& code) {
  const auto destroy_runner = reinterpret_cast<Address>(&llmo_coroutine_destroy);
  return exchange(frame, code.resume, resume_runner()) &&
         exchange(frame + sizeof(Address), code.destroy, destroy_runner);
}

}  // namespace llmo::span
