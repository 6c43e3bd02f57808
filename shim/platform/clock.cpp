#include "shim/platform/clock.h"

#include <cpuid.h>
#include <sys/prctl.h>
#include <time.h>

#include <string_view>

#include "shim/platform/errno_saver.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {

namespace detail {
constinit bool clock_is_tsc = false;
}

namespace {

constinit bool clock_is_chosen = false;

bool tsc_is_invariant() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
}

// A process may have forbidden itself the instruction (PR_SET_TSC in prctl(2)).
bool tsc_is_allowed() {
  int mode = 0;
  return sys::call(SYS_prctl, PR_GET_TSC, sys::as_long(&mode)) != 0 || mode == PR_TSC_ENABLE;
}

// The kernel measures clocks against each other and drops a TSC that it finds unstable. kvm-clock is the TSC,
// scaled: together with the invariant bit it is as good.
bool kernel_trusts_tsc() {
  const int fd = sys::open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY);
  if (fd < 0) return false;
  char name[32];
  const long size = sys::read(fd, name, sizeof name);
  sys::close(fd);
  if (size <= 0) return false;
  const std::string_view source(name, static_cast<std::size_t>(size));
  return source == "tsc\n" || source == "kvm-clock\n";
}

std::uint64_t read_clock(clockid_t clock) {
  timespec time{};
  const ErrnoSaver keep;
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

// Once: CPUID leaves a virtual machine, which takes microseconds, and a forked child has the answer.
void choose_clock() {
  if (clock_is_chosen) return;
  detail::clock_is_tsc = tsc_is_invariant() && tsc_is_allowed() && kernel_trusts_tsc();
  clock_is_chosen = true;
}

journal::ClockKind clock_kind() {
  return detail::clock_is_tsc ? journal::ClockKind::kTsc : journal::ClockKind::kMonotonicNanos;
}

std::uint64_t monotonic_nanos() { return read_clock(CLOCK_MONOTONIC); }

// The best of a few tries: an interrupt between two readings would put the clocks apart for good.
journal::ClockPair read_clock_pair() {
  journal::ClockPair best{};
  std::uint64_t best_width = UINT64_MAX;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const std::uint64_t before = now_ticks();
    const std::uint64_t monotonic = monotonic_nanos();
    const std::uint64_t unix_time = read_clock(CLOCK_REALTIME);
    const std::uint64_t after = now_ticks();
    if (after - before < best_width) {
      best_width = after - before;
      best = {before + (after - before) / 2, monotonic, unix_time};
    }
  }
  return best;
}

}  // namespace llmo::platform
