#include "shim/span/fiber_table.h"

#include <array>
#include <map>
#include <new>
#include <utility>

#include "shim/platform/lock.h"

namespace llmo::span {
namespace {

using ByEnd = std::map<Address, Fiber*>;  // by the first address behind the memory

// Constant-initialised storage for the map, which is made at the first fiber and never taken down.
constinit platform::Lock table_lock;  // guards all of these; only the heap's lock is taken under it
constinit ByEnd* by_end = nullptr;
constinit Fiber* free_fibers = nullptr;

// Fibers found lately, by a page of their stacks. Only hints: a Fiber itself tells what it holds.
constexpr std::size_t kHints = 1024;
constinit std::array<std::atomic<Fiber*>, kHints> hints{};

std::atomic<Fiber*>& hint_for(Address address) {
  constexpr Address kSpread = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  constexpr unsigned kPageBits = 12;
  return hints[((address >> kPageBits) * kSpread) >> 54];
}
static_assert(kHints == 1U << (64 - 54));

ByEnd* table() {
  if (by_end == nullptr) by_end = new (std::nothrow) ByEnd;
  return by_end;
}

Fiber* find_in_table(Address address) {
  if (by_end == nullptr) return nullptr;
  const auto found = by_end->upper_bound(address);
  return found != by_end->end() && found->second->holds(address) ? found->second : nullptr;
}

Fiber* take_free_fiber() {
  if (free_fibers == nullptr) return new (std::nothrow) Fiber;
  Fiber* const fiber = std::exchange(free_fibers, free_fibers->link);
  fiber->link = nullptr;
  return fiber;
}

void set_memory(Fiber& fiber, StackArea memory) {
  fiber.low.store(memory.low, std::memory_order_relaxed);
  fiber.high.store(memory.high, std::memory_order_relaxed);
}

Fiber* take_out_overlapping(StackArea memory) {
  Fiber* list = nullptr;
  auto next = by_end->upper_bound(memory.low);
  while (next != by_end->end() && next->second->low.load(std::memory_order_relaxed) < memory.high) {
    Fiber* const fiber = next->second;
    next = by_end->erase(next);
    set_memory(*fiber, {});
    fiber->detached = true;
    fiber->link = std::exchange(list, fiber);
  }
  return list;
}

bool insert(Fiber* fiber, Address end) {
  try {
    by_end->insert_or_assign(end, fiber);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

Fiber* find_fiber(Address address) {
  std::atomic<Fiber*>& hint = hint_for(address);
  // Acquire: pairs with the release below; the fiber was made before.
  Fiber* const known = hint.load(std::memory_order_acquire);
  if (known != nullptr && known->holds(address)) return known;
  const platform::LockGuard guard(table_lock);
  Fiber* const found = find_in_table(address);
  if (found != nullptr) hint.store(found, std::memory_order_release);
  return found;
}

Fiber* add_fiber(StackArea memory, Fiber*& replaced) {
  const platform::LockGuard guard(table_lock);
  if (table() == nullptr) return nullptr;
  replaced = take_out_overlapping(memory);
  Fiber* const fiber = take_free_fiber();
  if (fiber == nullptr) return nullptr;
  fiber->stack = {};
  fiber->next = nullptr;
  fiber->running = fiber->detached = false;
  if (!insert(fiber, memory.high)) {
    fiber->link = std::exchange(free_fibers, fiber);
    return nullptr;
  }
  set_memory(*fiber, memory);
  return fiber;
}

Fiber* take_fibers(StackArea memory) {
  const platform::LockGuard guard(table_lock);
  return by_end == nullptr ? nullptr : take_out_overlapping(memory);
}

void remove_fiber(Fiber& fiber) {
  const platform::LockGuard guard(table_lock);
  if (fiber.detached || by_end == nullptr) return;
  by_end->erase(fiber.high.load(std::memory_order_relaxed));
  set_memory(fiber, {});
  fiber.detached = true;
}

void free_fiber(Fiber& fiber) {
  const platform::LockGuard guard(table_lock);
  fiber.link = std::exchange(free_fibers, &fiber);
}

bool restore_fibers_after_fork(void (*visit)(Fiber&)) {
  const bool whole = table_lock.try_lock();
  table_lock.reset();
  if (!whole) {
    by_end = nullptr;
    free_fibers = nullptr;
    for (std::atomic<Fiber*>& hint : hints) hint.store(nullptr, std::memory_order_relaxed);
    return false;
  }
  if (by_end == nullptr) return true;
  for (const auto& [end, fiber] : *by_end) visit(*fiber);
  return true;
}

}  // namespace llmo::span
