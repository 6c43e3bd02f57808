#include "exporters/span/clock.h"

#include <time.h>
#include <x86intrin.h>

#include <algorithm>
#include <limits>

namespace llmo {
namespace {

using Wide = __int128;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::uint64_t kMinSpacingNanos = 1'000'000;  // closer instants say nothing about the rate
constexpr std::size_t kMaxInstants = 4096;
// Far beyond every real uptime, and small enough for products of two of them to fit into 128 bits.
constexpr std::uint64_t kMaxDelta = std::uint64_t{1} << 61;

std::uint64_t read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kNanosPerSecond + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t clamp_nanos(Wide nanos) {
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();  // what every reader of OTLP can hold
  return static_cast<std::uint64_t>(std::clamp<Wide>(nanos, 0, kMax));
}

}  // namespace

journal::ClockPair take_clock_pair(journal::ClockKind kind) {
  const std::uint64_t unix_nanos = read_clock(CLOCK_REALTIME);
  if (kind == journal::ClockKind::kMonotonicNanos) {
    const std::uint64_t now = read_clock(CLOCK_MONOTONIC);
    return {now, now, unix_nanos};
  }
  // An interruption between the two reads would bend the line: of three tries the shortest counts.
  journal::ClockPair best{};
  std::uint64_t best_width = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t before = __rdtsc();
    const std::uint64_t nanos = read_clock(CLOCK_MONOTONIC);
    const std::uint64_t after = __rdtsc();
    if (after - before >= best_width) continue;
    best_width = after - before;
    best = {before + best_width / 2, nanos, unix_nanos};
  }
  return best;
}

TickClock::TickClock(journal::ClockKind kind, const journal::ClockPair& opened,
                     std::uint64_t ticks_per_second)
    : kind_(kind),
      offset_(static_cast<Wide>(opened.unix_nanos) - static_cast<Wide>(opened.monotonic_nanos)),
      instants_{{opened.ticks, opened.monotonic_nanos}},
      ticks_per_second_(ticks_per_second) {}

bool TickClock::plausible(const Instant& from, const Instant& to) const {
  if (to.ticks <= from.ticks || to.nanos <= from.nanos) return false;
  const std::uint64_t ticks = to.ticks - from.ticks;
  const std::uint64_t nanos = to.nanos - from.nanos;
  if (nanos < kMinSpacingNanos || ticks > kMaxDelta || nanos > kMaxDelta) return false;
  if (ticks_per_second_ == 0) return true;
  // Within 1 % of the machine's rate: slewing is 0.05 % at most, a reboot in between is far off.
  const Wide expected = static_cast<Wide>(nanos) * ticks_per_second_ / kNanosPerSecond;
  const Wide difference = static_cast<Wide>(ticks) - expected;
  return (difference < 0 ? -difference : difference) * 100 <= expected;
}

void TickClock::observe(const journal::ClockPair& now) {
  const Instant instant{now.ticks, now.monotonic_nanos};
  if (kind_ == journal::ClockKind::kMonotonicNanos || !plausible(instants_.back(), instant)) return;
  instants_.push_back(instant);
  if (instants_.size() > kMaxInstants) thin_out();
}

// Every second instant goes; the first and the last stay.
void TickClock::thin_out() {
  last_ = {};
  std::size_t kept = 0;
  for (std::size_t i = 0; i < instants_.size(); ++i) {
    if (i % 2 == 0 || i + 1 == instants_.size()) instants_[kept++] = instants_[i];
  }
  instants_.resize(kept);
}

// Rounded up, which takes a segment's end to the next one's begin and not beyond: so times stay in order. A
// slow clock, of which a tick is a nanosecond or more, has no such rate.
void TickClock::remember(const Instant& from, const Instant& to) const {
  const std::uint64_t ticks = to.ticks - from.ticks;
  const std::uint64_t nanos = to.nanos - from.nanos;
  if (nanos >= ticks || ticks >= kMaxDelta) return;
  const auto rate = ((static_cast<unsigned __int128>(nanos) << 64) + ticks - 1) / ticks;
  last_ = {from.ticks, ticks, from.nanos, static_cast<std::uint64_t>(rate)};
}

std::uint64_t TickClock::Segment::nanos_at(std::uint64_t tick) const {
  const auto since = static_cast<unsigned __int128>(tick - begin) * nanos_per_tick >> 64;
  return clamp_nanos(static_cast<Wide>(nanos) + static_cast<Wide>(since));
}

std::uint64_t TickClock::monotonic_nanos(std::uint64_t ticks) const {
  if (last_.holds(ticks)) return last_.nanos_at(ticks);
  // The segment that `ticks` lies in; outside of all, the line through the first and the last instant.
  const Instant* base = &instants_.front();
  Wide delta_ticks = ticks_per_second_ != 0 ? ticks_per_second_ : kNanosPerSecond;
  Wide delta_nanos = kNanosPerSecond;
  if (instants_.size() > 1) {
    const auto after = std::upper_bound(instants_.begin(), instants_.end(), ticks,
                                        [](std::uint64_t t, const Instant& i) { return t < i.ticks; });
    const bool inside = after != instants_.begin() && after != instants_.end();
    const Instant& from = inside ? *(after - 1) : instants_.front();
    const Instant& to = inside ? *after : instants_.back();
    if (inside) remember(from, to);
    if (last_.holds(ticks)) return last_.nanos_at(ticks);
    delta_ticks = static_cast<Wide>(to.ticks) - from.ticks;
    delta_nanos = static_cast<Wide>(to.nanos) - from.nanos;
    base = after == instants_.begin() || inside ? &from : &to;
  }
  const Wide limit = kMaxDelta;
  const Wide distance = std::clamp(static_cast<Wide>(ticks) - static_cast<Wide>(base->ticks), -limit, limit);
  const Wide nanos = static_cast<Wide>(base->nanos) + distance * delta_nanos / delta_ticks;
  return clamp_nanos(nanos);
}

std::uint64_t TickClock::unix_nanos(std::uint64_t ticks) const {
  const std::uint64_t monotonic =
      kind_ == journal::ClockKind::kMonotonicNanos ? ticks : monotonic_nanos(ticks);
  return clamp_nanos(static_cast<Wide>(monotonic) + offset_);
}

std::uint64_t TickClock::duration_nanos(std::uint64_t start_ticks, std::uint64_t ticks) const {
  const std::uint64_t end = start_ticks + std::min(ticks, UINT64_MAX - start_ticks);
  return unix_nanos(end) - unix_nanos(start_ticks);
}

}  // namespace llmo
