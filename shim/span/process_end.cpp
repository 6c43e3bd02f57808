#include "shim/span/process_end.h"

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/syscalls.h"
#include "shim/span/child_memory.h"
#include "shim/span/current.h"
#include "shim/span/exit_wait.h"
#include "shim/span/thread_state.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::ProcessState;

namespace {

// The journal of this process; nullptr where it has none, or is a child of vfork(), seen by us or not.
journal::Journal* own_journal() {
  if (thread_state.vfork_depth != 0) return nullptr;
  journal::Journal* const journal = journal_if_open();
  if (journal == nullptr || process_id() != static_cast<std::uint32_t>(platform::sys::getpid()))
    return nullptr;
  return journal;
}

bool may_be_taken_back(ProcessState end) {
  return end == ProcessState::kExecuting || end == ProcessState::kAborting ||
         end == ProcessState::kTerminating;
}

}  // namespace

void note_process_end(ProcessState end) {
  const platform::ErrnoSaver keep;
  journal::Journal* const journal = own_journal();
  if (journal == nullptr) return;
  journal::FileHeader& header = journal->header();
  thread_state.aborting = end == ProcessState::kAborting;
  ProcessState state = header.state.load(std::memory_order_relaxed);
  if (state != ProcessState::kRunning && state != ProcessState::kExecuting) return;
  header.end_ticks.store(platform::now_ticks(), std::memory_order_relaxed);
  // Release: who sees the state sees the time. Of two threads that end the process at once one is told of.
  header.state.compare_exchange_strong(state, end, std::memory_order_release, std::memory_order_relaxed);
}

void take_back_process_end() {
  const platform::ErrnoSaver keep;
  thread_state.aborting = false;
  journal::Journal* const journal = own_journal();
  if (journal == nullptr) return;
  std::atomic<ProcessState>& state = journal->header().state;
  ProcessState noted = state.load(std::memory_order_relaxed);
  if (!may_be_taken_back(noted)) return;
  state.compare_exchange_strong(noted, ProcessState::kRunning, std::memory_order_release,
                                std::memory_order_relaxed);
}

void note_process_end_and_wait(ProcessState end, journal::EndKind open_calls) {
  note_process_end(end);
  const platform::ErrnoSaver keep;
  if (own_journal() != nullptr && !thread_state.busy) wait_for_export(open_calls);
}

// The hot path knows nothing of it: it finds no stack, and asks.
void before_vfork() {
  ThreadState& thread = thread_state;
  if (thread.vfork_depth == 0) {
    const auto stack_address = reinterpret_cast<Address>(__builtin_frame_address(0));
    thread.at_vfork = recording() ? current_context(stack_address) : SpanContext{};
  }
  if (thread.vfork_depth++ != 0) return;
  thread.before_vfork = thread.stack;
  thread.stack = {};
}

void after_vfork_in_parent() {
  ThreadState& thread = thread_state;
  release_child_memory();
  if (--thread.vfork_depth != 0) return;
  thread.stack = thread.before_vfork;
}

}  // namespace llmo::span
