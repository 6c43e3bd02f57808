#include "exporters/session/left_out_calls.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

namespace llmo::session {
namespace {

constexpr std::size_t kMaxRows = 100;

struct Sum {
  std::uint64_t calls = 0;
  std::uint64_t ticks = 0;
};
using Sums = std::map<std::uint64_t, Sum>;

std::string reason_of(std::uint64_t key) {
  switch (static_cast<journal::LeftOutReason>(key & 0xff)) {
    case journal::LeftOutReason::kTooShort:
      return "min_duration";
    case journal::LeftOutReason::kTooDeep:
      return "max_depth";
    case journal::LeftOutReason::kThrottled:
      return "throttled";
  }
  return {};
}

void add_block(const std::vector<std::byte>& payload, Sums& sums) {
  constexpr std::size_t kWords = 3;  // key, calls, ticks
  for (std::size_t at = 0; at + sizeof(journal::LeftOut) <= payload.size(); at += sizeof(journal::LeftOut)) {
    std::uint64_t words[kWords] = {};
    std::memcpy(words, payload.data() + at, sizeof words);
    if (words[0] == 0 || reason_of(words[0]).empty()) continue;
    Sum& sum = sums[words[0]];
    sum.calls += words[1];
    sum.ticks += words[2];
  }
}

Sums read_sums(const JournalFile& file) {
  Sums sums;
  const std::uint32_t blocks = file.read_counters().blocks;
  std::vector<std::byte> payload(kPayloadSize);
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const auto facts = file.read_block(block);
    if (!facts || facts->kind != journal::BlockKind::kLeftOut) continue;
    file.read_payload(block, 0, payload);
    add_block(payload, sums);
  }
  return sums;
}

std::string name_of(const Definitions& definitions, std::uint64_t function) {
  const auto found = definitions.functions.find(static_cast<std::uint32_t>(function));
  return found != definitions.functions.end() ? found->second.name : "function " + std::to_string(function);
}

void fold_rest(std::vector<LeftOutCalls>& rows) {
  if (rows.size() <= kMaxRows) return;
  LeftOutCalls rest{.function = "(others)", .reason = "several"};
  for (std::size_t row = kMaxRows - 1; row < rows.size(); ++row) {
    rest.calls += rows[row].calls;
    rest.seconds += rows[row].seconds;
  }
  rows.resize(kMaxRows - 1);
  rows.push_back(std::move(rest));
}

}  // namespace

std::vector<LeftOutCalls> left_out_calls(const JournalFile& file, const Definitions& definitions,
                                         const TickClock& clock) {
  constexpr double kNanosPerSecond = 1e9;
  std::vector<LeftOutCalls> rows;
  for (const auto& [key, sum] : read_sums(file)) {
    const auto nanos = static_cast<double>(clock.duration_nanos(file.header().opened.ticks, sum.ticks));
    rows.push_back({name_of(definitions, key >> 8), reason_of(key), sum.calls, nanos / kNanosPerSecond});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.calls > b.calls; });
  fold_rest(rows);
  return rows;
}

}  // namespace llmo::session
