// Ticks as Unix time.
#include "exporters/span/clock.h"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

namespace {

using llmo::TickClock;
using llmo::journal::ClockKind;
using llmo::journal::ClockPair;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kUnix = 1'767'225'600 * kSecond;
constexpr std::uint64_t kRate = 2'500'000'000;  // ticks a second: 2.5 a nanosecond
constexpr ClockPair kOpened{1'000'000'000'000, 400 * kSecond, kUnix};

ClockPair later(std::uint64_t nanos, std::uint64_t ticks_per_nano_x2 = 5) {
  return {kOpened.ticks + nanos * ticks_per_nano_x2 / 2, kOpened.monotonic_nanos + nanos, 0};
}

}  // namespace

TEST_CASE("monotonic ticks are nanoseconds, moved to Unix time", "[exporter][clock]") {
  const TickClock clock(ClockKind::kMonotonicNanos, {500, 500, kUnix}, 0);
  CHECK(clock.unix_nanos(500) == kUnix);
  CHECK(clock.unix_nanos(1500) == kUnix + 1000);
  CHECK(clock.unix_nanos(0) == kUnix - 500);
}

TEST_CASE("TSC ticks follow the line through the instants", "[exporter][clock]") {
  TickClock clock(ClockKind::kTsc, kOpened, kRate);
  clock.observe(later(10 * kSecond));
  CHECK(clock.unix_nanos(kOpened.ticks) == kUnix);
  CHECK(clock.unix_nanos(kOpened.ticks + 2500) == kUnix + 1000);
  CHECK(clock.unix_nanos(kOpened.ticks + 25'000'000'000) == kUnix + 10 * kSecond);
  CHECK(clock.unix_nanos(kOpened.ticks + 50'000'000'000) == kUnix + 20 * kSecond);  // not yet observed
  CHECK(clock.unix_nanos(kOpened.ticks - 2500) == kUnix - 1000);  // begun before the journal
}

TEST_CASE("an answer between two instants stays what it was when more are known", "[exporter][clock]") {
  TickClock clock(ClockKind::kTsc, kOpened, kRate);
  clock.observe(later(kSecond));
  const std::uint64_t ticks = kOpened.ticks + 1'234'567'890;
  const std::uint64_t before = clock.unix_nanos(ticks);
  for (std::uint64_t i = 2; i < 100; ++i) clock.observe(later(i * kSecond + i * 100'000));  // a slewed clock
  CHECK(clock.unix_nanos(ticks) == before);
}

TEST_CASE("instants that cannot be are ignored", "[exporter][clock]") {
  TickClock clock(ClockKind::kTsc, kOpened, kRate);
  clock.observe({kOpened.ticks - 5, kOpened.monotonic_nanos + kSecond, 0});  // ticks went back: a reboot
  clock.observe({kOpened.ticks + kRate, kOpened.monotonic_nanos - 1, 0});
  clock.observe(later(kSecond, 50));  // ten times too fast
  clock.observe(later(100));          // too near to tell
  CHECK(clock.unix_nanos(kOpened.ticks + kRate) == kUnix + kSecond);
}

TEST_CASE("without any instant the machine's own rate is used", "[exporter][clock]") {
  const TickClock clock(ClockKind::kTsc, kOpened, kRate);
  CHECK(clock.unix_nanos(kOpened.ticks + 60 * kRate) == kUnix + 60 * kSecond);
}

TEST_CASE("time never goes back while ticks go on, through thousands of instants", "[exporter][clock]") {
  TickClock clock(ClockKind::kTsc, kOpened, kRate);
  std::mt19937_64 random(3);
  std::uint64_t nanos = 0;
  for (int i = 0; i < 10'000; ++i) {
    nanos += 5'000'000 + random() % 1000;
    ClockPair pair = later(nanos);
    pair.ticks += random() % 200;  // the two reads are not at one time
    clock.observe(pair);
  }
  std::uint64_t last = 0;
  std::uint64_t worst = 0;
  for (std::uint64_t ticks = kOpened.ticks - 1'000'000; ticks < kOpened.ticks + nanos * 5 / 2 + 1'000'000;
       ticks += 1 + random() % 100'000'000) {
    const std::uint64_t now = clock.unix_nanos(ticks);
    CHECK(now >= last);
    last = now;
    const auto truth =
        kUnix + static_cast<std::uint64_t>(
                    (static_cast<__int128>(ticks) - static_cast<__int128>(kOpened.ticks)) * 2 / 5);
    worst = std::max(worst, now > truth ? now - truth : truth - now);
  }
  CHECK(worst < 1000);
}

TEST_CASE("no header makes the arithmetic overflow", "[exporter][clock]") {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t values[] = {0, 1, kMax / 2, kMax - 1, kMax};
  for (const auto a : values) {
    for (const auto b : values) {
      for (const auto c : values) {
        for (const auto kind : {ClockKind::kTsc, ClockKind::kMonotonicNanos}) {
          TickClock clock(kind, {a, b, c}, 0);
          clock.observe({c, a, b});
          std::uint64_t last = 0;
          for (const auto ticks : values) {
            const std::uint64_t now = clock.unix_nanos(ticks);
            CHECK(now >= last);
            CHECK(now <= kMax / 2);
            last = now;
          }
        }
      }
    }
  }
}

TEST_CASE("the pair that is taken is near to itself a moment later", "[exporter][clock]") {
  for (const auto kind : {ClockKind::kTsc, ClockKind::kMonotonicNanos}) {
    const ClockPair first = llmo::take_clock_pair(kind);
    const ClockPair second = llmo::take_clock_pair(kind);
    CHECK(second.ticks > first.ticks);
    CHECK(second.monotonic_nanos >= first.monotonic_nanos);
    CHECK(second.unix_nanos >= first.unix_nanos);
  }
}
