#include "shim/span/hot_functions.h"

#include <array>
#include <unordered_map>

#include "shim/platform/clock.h"
#include "shim/platform/lock.h"
#include "shim/platform/out_of_memory.h"
#include "shim/span/function_table.h"
#include "shim/span/left_out.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::FunctionSpan;

namespace {

constexpr std::uint32_t kLookedAt = 8;  // one block of so many
constexpr std::uint64_t kSecond = 1'000'000'000;
// A block of calls that fill it more slowly cannot hold a hot function.
constexpr std::uint64_t kBlockNanos = journal::kFramesPerBlock * kSecond / kHotCallsPerSecond;

struct Calls {
  std::uint32_t function = 0;
  std::uint32_t count = 0;
  std::uint64_t ticks = 0;
};

// The functions of one block, as far as there is room.
class Tally {
 public:
  void add(const FunctionSpan& record) {
    for (std::size_t tried = 0, at = record.function; tried < kTries; ++tried, ++at) {
      Calls& calls = calls_[at % calls_.size()];
      if (calls.count != 0 && calls.function != record.function) continue;
      calls.function = record.function;
      ++calls.count;
      calls.ticks += record.end_ticks - record.start_ticks;
      return;
    }
  }
  const auto& all() const { return calls_; }

 private:
  static constexpr std::size_t kTries = 4;
  std::array<Calls, 64> calls_{};
};

struct Window {
  std::uint64_t start_nanos = 0;
  std::uint64_t calls = 0;
};

constinit platform::Lock lock;  // guards the windows; only ever tried, so it may be left held by a fork
constinit std::unordered_map<std::uint32_t, Window>* windows = nullptr;

Tally tally_of(const journal::BlockHeader& block) {
  Tally tally;
  const auto* record = reinterpret_cast<const std::byte*>(&block + 1);
  const std::byte* const end = record + journal::kMaxRecordSize;
  while (record < end) {
    const auto& call = *reinterpret_cast<const FunctionSpan*>(record);
    const std::uint32_t word = call.word.load(std::memory_order_relaxed);
    if (word == 0) break;
    if (journal::word_kind(word) == journal::RecordKind::kFunctionSpan) tally.add(call);
    record += journal::word_length(word);
  }
  return tally;
}

// True when the function has had its calls for this second.
bool note(std::uint32_t function, std::uint64_t calls, std::uint64_t now_nanos) {
  Window& window = (*windows)[function];
  if (now_nanos - window.start_nanos > kSecond) window = {now_nanos, 0};
  window.calls += calls;
  return window.calls >= kHotCallsPerSecond;
}

void note_all(const Tally& tally) {
  if (windows == nullptr) windows = new std::unordered_map<std::uint32_t, Window>;
  const std::uint64_t now = platform::monotonic_nanos();
  const std::uint64_t short_ticks = ticks_of(kHotCallNanos);
  for (const Calls& calls : tally.all()) {
    if (calls.count == 0 || calls.ticks > calls.count * short_ticks) continue;
    if (note(calls.function, std::uint64_t{calls.count} * kLookedAt, now)) mute_function(calls.function);
  }
}

}  // namespace

void look_for_hot_functions(const journal::BlockHeader& block) {
  if (!settings().throttle || block.sequence % kLookedAt != kLookedAt - 1) return;
  if (platform::now_ticks() - block.opened_ticks > ticks_of(kBlockNanos)) return;
  if (!lock.try_lock()) return;
  platform::had_memory_for([&] { note_all(tally_of(block)); });
  lock.unlock();
}

}  // namespace llmo::span
