// When to try again: what the other side asks for, else exponential back-off with jitter.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace llmo::net {

// The value of a Retry-After header: seconds, or an HTTP date (any of its three forms) held against
// `now_unix` (seconds). A date that has passed is zero. Nothing where it is neither. Source: RFC 9110, 10.2.3
// and 5.6.7.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::int64_t now_unix);

// For BackOff: processes that start together must not come back together.
std::uint64_t process_seed();

// Of one destination. Delays grow by half as much again from one second to a minute, each drawn at random
// from its upper half, so that a fleet does not come back as one.
class BackOff {
 public:
  explicit BackOff(std::uint64_t seed) : random_(seed | 1) {}

  // After a failure: how long to wait.
  std::chrono::milliseconds next();
  // After a success.
  void reset() { step_ = 0; }

 private:
  unsigned step_ = 0;
  std::uint64_t random_;
};

}  // namespace llmo::net
