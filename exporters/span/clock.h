// Ticks of a journal as Unix time.
//
// Ticks become CLOCK_MONOTONIC by a line through known instants: the one in the journal's header and those
// that the exporter takes while it reads. Between two of them the answer is interpolated, so it does not
// change when more become known, and it follows the kernel as it slews its clock. CLOCK_MONOTONIC becomes
// Unix time by the offset that the header has: one offset for all spans of a process, however the wall clock
// is set meanwhile.
//
//   monotonic │            ╱ beyond the last instant: at the mean rate
//             │       ●───●
//             │   ●──╱
//             └───┴────┴────┴── ticks
//              opened  observed …
#pragma once

#include <cstdint>
#include <vector>

#include "shim/journal/format.h"

namespace llmo {

// The instant now, for kind kTsc or kMonotonicNanos. The two clocks are read within about 100 ns of each
// other.
journal::ClockPair take_clock_pair(journal::ClockKind kind);

// For one thread. Monotone: of two ticks the greater never gets the smaller time. Never overflows, whatever
// the header holds.
class TickClock {
 public:
  // `ticks_per_second` is this machine's rate as the exporter measured it; it stands in where the instants
  // are of no use, as for a journal from before a reboot. 0: not known.
  TickClock(journal::ClockKind kind, const journal::ClockPair& opened, std::uint64_t ticks_per_second);

  // Adds an instant. One that is not after the last, or that makes for a rate far from the machine's, is
  // ignored.
  void observe(const journal::ClockPair& now);

  std::uint64_t unix_nanos(std::uint64_t ticks) const;

  // How long `ticks` that were counted from `start_ticks` on took.
  std::uint64_t duration_nanos(std::uint64_t start_ticks, std::uint64_t ticks) const;

 private:
  struct Instant {
    std::uint64_t ticks;
    std::uint64_t nanos;
  };

  // The line from one instant to the next: ticks from `begin` on, so many of them, at a rate of
  // `nanos_per_tick` / 2^64 each.
  struct Segment {
    std::uint64_t begin = 0;
    std::uint64_t ticks = 0;
    std::uint64_t nanos = 0;
    std::uint64_t nanos_per_tick = 0;

    bool holds(std::uint64_t tick) const { return tick - begin < ticks; }
    std::uint64_t nanos_at(std::uint64_t tick) const;
  };

  std::uint64_t monotonic_nanos(std::uint64_t ticks) const;
  void remember(const Instant& from, const Instant& to) const;
  bool plausible(const Instant& from, const Instant& to) const;
  void thin_out();

  journal::ClockKind kind_;
  __int128 offset_;                // unix - monotonic
  std::vector<Instant> instants_;  // ascending, never empty
  std::uint64_t ticks_per_second_;
  mutable Segment last_;  // that was asked for: times come in runs
};

}  // namespace llmo
