#include "shim/span/exit_wait.h"

#include <cstdint>

#include "shim/platform/clock.h"
#include "shim/platform/syscalls.h"
#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace sys = platform::sys;

namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;
constexpr std::uint64_t kFirstProcessWaitMillis = 2000;

std::uint64_t wait_millis() {
  if (settings().exit_wait_ms != 0) return settings().exit_wait_ms;
  return sys::getpid() == 1 ? kFirstProcessWaitMillis : 0;
}

void pause_millis(std::uint64_t millis) {
  const timespec time{0, static_cast<long>(millis * kNanosPerMilli)};
  sys::call(SYS_nanosleep, sys::as_long(&time), 0);
}

}  // namespace

void wait_for_export(journal::EndKind open_calls) {
  const std::uint64_t millis = wait_millis();
  journal::Journal* const journal = journal_if_open();
  if (millis == 0 || journal == nullptr) return;
  detach_thread(open_calls);
  const std::uint64_t deadline = platform::monotonic_nanos() + millis * kNanosPerMilli;
  while (!journal->is_drained() && platform::monotonic_nanos() < deadline) pause_millis(1);
}

}  // namespace llmo::span
