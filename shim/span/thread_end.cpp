#include "shim/span/thread_end.h"

#include <algorithm>

#include "shim/platform/clock.h"
#include "shim/platform/real_function.h"
#include "shim/span/stack_area.h"
#include "shim/span/stack_frames.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::BlockHeader;
using journal::EndKind;

namespace {

// The thread's state stands at the same distance from the control block, which is what a pthread_t points to,
// in every thread: the library's thread-local storage is of the initial-exec model (ELF Handling for
// TLS, 4.4.4).
ThreadState& state_of(pthread_t thread) {
  const Address distance = reinterpret_cast<Address>(&thread_state) - static_cast<Address>(pthread_self());
  return *reinterpret_cast<ThreadState*>(static_cast<Address>(thread) + distance);
}

// The thread opens and closes calls meanwhile. What it stores wins: then the frame is another call's, or
// none's.
void mark_leaving(Frame& frame) {
  std::uint32_t word = frame.word.load(std::memory_order_relaxed);
  if (journal::word_kind(word) != journal::RecordKind::kOpenFrame) return;
  frame.word.compare_exchange_strong(word, journal::with_flags(word, journal::kFlagLeaving),
                                     std::memory_order_relaxed);
}

bool holds_frames_of(const BlockHeader& block, std::uint32_t thread) {
  return block.kind.load(std::memory_order_acquire) == journal::BlockKind::kFrames &&
         block.state.load(std::memory_order_acquire) == journal::BlockState::kOpen && block.thread == thread;
}

// Marks what the thread has open, by way of the journal: its stack is its own business.
void mark_calls_of(std::uint32_t thread) {
  journal::Journal* const journal = journal_if_open();
  if (journal == nullptr || thread == 0) return;
  const std::size_t count = journal->header().blocks_allocated.load(std::memory_order_acquire);
  for (std::size_t index = 0; index < count; ++index) {
    BlockHeader* const block = journal->block_at(index);
    if (!holds_frames_of(*block, thread)) continue;
    auto* const frames = reinterpret_cast<Frame*>(block + 1);
    std::for_each(frames, frames + journal::kFramesPerBlock, mark_leaving);
  }
}

// What the unwinder's header of an exception looks like (Itanium C++ ABI, Exception Handling, 2.2.1).
struct UnwindException {
  std::uint64_t exception_class;
  Address cleanup;
  Address stop_function;  // of forced unwinding: libgcc's private_1
  Address stop_argument;
};

bool is_in_libc(Address address) {
  const void* const libc = platform::module_of(reinterpret_cast<const void*>(&pthread_getspecific));
  return address != 0 && platform::module_of(reinterpret_cast<const void*>(address)) == libc;
}

// The exception by which libc unwinds the calling thread. It is a part of the thread's control block, and
// found there by what it looks like once unwinding has begun (glibc, nptl/unwind.c); 0 where it has not.
Address forced_unwind_exception() {
  constexpr std::size_t kControlBlock = 0x900;  // of glibc since 2.4: somewhat more
  const auto start = static_cast<Address>(pthread_self());
  for (Address place = start + 0x100; place < start + kControlBlock; place += 16) {
    const auto& exception = *reinterpret_cast<const UnwindException*>(place);
    if (exception.exception_class == 0 && is_in_libc(exception.stop_function) &&
        is_in_libc(exception.cleanup))
      return place;
  }
  return 0;
}

// A landing pad gets the exception in a register and has to hand it on to _Unwind_Resume() after the exit
// hook: so it stands in a register that calls preserve, or near the stack's end, in a frame of ours that
// saved the register or in that of the landing pad itself.
__attribute__((noinline, no_sanitize("address"))) bool is_at_hand(const ThreadState& thread, Address value) {
  // Has the compiler save all of those registers in this function's frame.
  __asm__ volatile("" : : : "rbx", "r12", "r13", "r14", "r15", "memory");
  constexpr std::size_t kOwnWords = 8;
  constexpr std::size_t kWords = 192;
  const Address end = own_stack_end(thread);
  const auto* word = static_cast<const Address*>(__builtin_frame_address(0)) - kOwnWords;
  for (std::size_t count = 0; count < kWords && reinterpret_cast<Address>(word) < end; ++count, ++word) {
    if (*word == value) return true;
  }
  return false;
}

void begin_leaving(ThreadState& thread, EndKind how) {
  thread.leaving = how;
  thread.leaving_ticks = platform::now_ticks();
}

}  // namespace

void note_thread_exit() {
  ThreadState& thread = thread_state;
  if (thread.number == 0 || thread.busy || thread.vfork_depth != 0) return;
  const SlowSection section(thread);
  begin_leaving(thread, EndKind::kThreadExit);
  const StackState& stack = thread.stack;
  Frame* call = stack.overflow != 0 ? call_at(stack.overflow_top - 1) : top_call(stack);
  for (; call != nullptr; call = call_at(call - 1)) mark_leaving(*call);
}

void note_thread_cancel(pthread_t thread) {
  if (journal_if_open() == nullptr || thread_state.vfork_depth != 0) return;
  ThreadState& target = state_of(thread);
  __atomic_store_n(&target.cancel_requested, true, __ATOMIC_RELAXED);
  mark_calls_of(__atomic_load_n(&target.number, __ATOMIC_RELAXED));
}

EndKind how_thread_ends(const ThreadState& thread) {
  if (thread.leaving != EndKind::kReturned) return thread.leaving;
  const bool cancelled = __atomic_load_n(&thread.cancel_requested, __ATOMIC_RELAXED);
  return cancelled ? EndKind::kThreadCancel : EndKind::kThreadExit;
}

EndKind how_thread_unwinds(ThreadState& thread) {
  const EndKind end = how_thread_ends(thread);
  // The program unwinds by force on its own account, which need not end the thread.
  if (thread.leaving == EndKind::kReturned && end == EndKind::kThreadExit) return EndKind::kUnwound;
  const bool begins = thread.leaving == EndKind::kReturned && end == EndKind::kThreadCancel;
  if (begins && forced_unwind_exception() != 0) begin_leaving(thread, end);
  return end;
}

// Forced unwinding, once begun, goes on to the end of the thread.
EndKind how_call_ends(ThreadState& thread, const Frame& call) {
  if (thread.leaving == EndKind::kReturned) {
    const Address exception = forced_unwind_exception();
    if (exception == 0 || !is_at_hand(thread, exception)) return EndKind::kReturned;
    begin_leaving(thread, EndKind::kThreadCancel);
  }
  return call.start_ticks <= thread.leaving_ticks ? thread.leaving : EndKind::kReturned;
}

}  // namespace llmo::span
