#include "shim/span/left_out.h"

#include <atomic>
#include <utility>
#include <vector>

#include "shim/platform/clock.h"
#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/out_of_memory.h"
#include "shim/span/hot_state.h"
#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::BlockHeader;
using journal::LeftOut;

namespace {

constexpr std::size_t kSlots = journal::kMaxRecordSize / sizeof(LeftOut);

// Guards the blocks that threads have left; leaf but for the heap's.
LLMO_AT_FORK constinit platform::Lock lock;
LLMO_AT_FORK constinit std::vector<BlockHeader*>* left_blocks = nullptr;
constinit std::atomic<std::uint64_t> ticks_per_second{0};

// Two readings a quarter of a millisecond apart: better than one in a thousand.
std::uint64_t measure_ticks_per_second() {
  if (platform::clock_kind() == journal::ClockKind::kMonotonicNanos) return 1'000'000'000;
  constexpr std::uint64_t kMeasuredNanos = 250'000;
  const std::uint64_t from = platform::monotonic_nanos();
  const std::uint64_t from_ticks = platform::now_ticks();
  std::uint64_t to = from;
  while (to - from < kMeasuredNanos) to = platform::monotonic_nanos();
  const std::uint64_t ticks = platform::now_ticks() - from_ticks;
  return static_cast<std::uint64_t>(static_cast<double>(ticks) * 1e9 / static_cast<double>(to - from));
}

BlockHeader* take_left_block() {
  const platform::LockGuard guard(lock);
  if (left_blocks == nullptr || left_blocks->empty()) return nullptr;
  BlockHeader* const block = left_blocks->back();
  left_blocks->pop_back();
  return block;
}

BlockHeader* take_block(ThreadState& thread) {
  if (BlockHeader* const left = take_left_block()) return left;
  journal::Journal* const journal = journal_if_open();
  if (journal == nullptr) return nullptr;
  return journal->take_block(journal::BlockKind::kLeftOut, {thread.number, thread.tid}, 0);
}

// A handler may come at any instruction and claim a slot of its own.
LeftOut* find_slot(BlockHeader* block, std::uint64_t key) {
  auto* const slots = reinterpret_cast<LeftOut*>(block + 1);
  std::size_t slot = (key * 0x9e3779b97f4a7c15 >> 32) % kSlots;
  for (std::size_t tried = 0; tried < kSlots; ++tried, slot = slot + 1 < kSlots ? slot + 1 : 0) {
    std::uint64_t held = slots[slot].key.load(std::memory_order_relaxed);
    if (held == 0 && slots[slot].key.compare_exchange_strong(held, key, std::memory_order_relaxed))
      held = key;
    if (held == key) return &slots[slot];
  }
  return nullptr;
}

// A block that is full stays as it is: the reader sums up.
LLMO_COLD LeftOut* slot_in_new_block(std::uint64_t key) {
  ThreadState& thread = thread_state;
  const SlowSection section(thread);
  thread.left_out = take_block(thread);
  if (thread.left_out == nullptr) return nullptr;
  watch_thread_end();
  return find_slot(thread.left_out, key);
}

}  // namespace

std::uint64_t ticks_of(std::uint64_t nanos) {
  std::uint64_t rate = ticks_per_second.load(std::memory_order_relaxed);
  if (rate == 0) {
    rate = measure_ticks_per_second();
    ticks_per_second.store(rate, std::memory_order_relaxed);
  }
  return static_cast<std::uint64_t>(static_cast<double>(nanos) * static_cast<double>(rate) / 1e9);
}

void set_limits(const config::Settings& settings) {
  if (settings.min_duration_nanos == 0) return;
  hot_state.min_ticks.store(ticks_of(settings.min_duration_nanos), std::memory_order_relaxed);
}

void count_left_out(std::uint32_t function, journal::LeftOutReason reason, std::uint64_t calls,
                    std::uint64_t ticks) {
  const std::uint64_t key = journal::left_out_key(function, reason);
  BlockHeader* const block = thread_state.left_out;
  LeftOut* slot = block != nullptr ? find_slot(block, key) : nullptr;
  if (slot == nullptr) slot = slot_in_new_block(key);
  if (slot == nullptr) return count_lost_span();
  // Relaxed: counts order nothing. In one instruction, for handlers that count too.
  slot->calls.fetch_add(calls, std::memory_order_relaxed);
  slot->ticks.fetch_add(ticks, std::memory_order_relaxed);
}

void leave_left_out(ThreadState& thread) {
  BlockHeader* const block = std::exchange(thread.left_out, nullptr);
  if (block == nullptr) return;
  platform::had_memory_for([&] {
    const platform::LockGuard guard(lock);
    if (left_blocks == nullptr) left_blocks = new std::vector<BlockHeader*>;
    left_blocks->push_back(block);
  });
}

LLMO_COLD void reset_left_out_after_fork() {
  lock.reset();
  if (left_blocks != nullptr) left_blocks = nullptr;
}

}  // namespace llmo::span
