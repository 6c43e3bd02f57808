#include "exporters/net/retry.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "shim/config/text.h"

namespace llmo::net {
namespace {

using std::chrono::milliseconds;

// Longer than this nobody means; and no sum of times overflows.
constexpr std::int64_t kMostSeconds = 24 * 60 * 60;

constexpr std::int64_t kFirstMillis = 1000;
constexpr std::int64_t kMostMillis = 60'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

milliseconds bounded(std::int64_t seconds) {
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMostSeconds));
}

milliseconds parse_digits(std::string_view digits) {
  std::int64_t seconds = 0;
  for (const char digit : digits) seconds = std::min(seconds * 10 + (digit - '0'), kMostSeconds);
  return bounded(seconds);
}

// xorshift64: Marsaglia, "Xorshift RNGs", 2003. Spread is all that is asked of it.
std::uint64_t next_random(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, std::int64_t now_unix) {
  value = config::trim(value);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), is_digit)) return parse_digits(value);
  // All three forms of a date begin with a weekday; curl_getdate() would take less for one.
  if (!config::is_letter_or_digit(value.front()) || is_digit(value.front())) return std::nullopt;
  const std::time_t date = ::curl_getdate(std::string(value).c_str(), nullptr);
  if (date == -1) return std::nullopt;
  return bounded(static_cast<std::int64_t>(date) - now_unix);
}

std::uint64_t process_seed() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return static_cast<std::uint64_t>(now) ^ static_cast<std::uint64_t>(::getpid()) << 40;
}

milliseconds BackOff::next() {
  std::int64_t delay = kFirstMillis;
  for (unsigned step = 0; step < step_ && delay < kMostMillis; ++step) delay += delay / 2;
  delay = std::min(delay, kMostMillis);
  ++step_;
  const std::int64_t half = delay / 2;
  const auto spread = static_cast<std::uint64_t>(delay - half + 1);
  return milliseconds(half + static_cast<std::int64_t>(next_random(random_) % spread));
}

}  // namespace llmo::net
