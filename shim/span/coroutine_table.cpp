#include "shim/span/coroutine_table.h"

#include <array>

#include "shim/platform/export.h"
#include "shim/platform/sparse_mapping.h"

namespace llmo::span {

namespace {

// Chains of coroutines. Their number is fixed, so that a chain changes by one store: a child that was forked
// in between finds all whole. Address space only, until a page of them is used.
constexpr std::size_t kChains = std::size_t{1} << 16;
constexpr std::size_t kLocks = 64;

LLMO_AT_FORK constinit std::array<platform::Lock, kLocks> locks;
LLMO_AT_FORK constinit platform::Lock chains_lock;  // held to map them
constinit std::atomic<Coroutine**> chains{nullptr};

std::size_t chain_number(Address frame) { return frame * 0x9e3779b97f4a7c15 >> 48; }

// Where the chain begins; nullptr where there are none yet.
Coroutine** chain_of(Address frame) {
  // Acquire: pairs with the release in map_chains().
  Coroutine** const all = chains.load(std::memory_order_acquire);
  return all != nullptr ? all + chain_number(frame) : nullptr;
}

bool map_chains() {
  const platform::LockGuard guard(chains_lock);
  if (chains.load(std::memory_order_relaxed) != nullptr) return true;
  void* const memory = platform::map_sparse(kChains * sizeof(void*), MAP_PRIVATE | MAP_ANONYMOUS);
  chains.store(static_cast<Coroutine**>(memory), std::memory_order_release);
  return memory != nullptr;
}

}  // namespace

static_assert(kChains == std::size_t{1} << (64 - 48));

platform::Lock& coroutine_lock(Address frame) { return locks[chain_number(frame) % kLocks]; }

Coroutine* find_coroutine_locked(Address frame) {
  Coroutine* const* const chain = chain_of(frame);
  Coroutine* coroutine = chain != nullptr ? *chain : nullptr;
  while (coroutine != nullptr && coroutine->frame != frame) coroutine = coroutine->next;
  return coroutine;
}

bool insert_coroutine_locked(Coroutine& coroutine) {
  if (chain_of(coroutine.frame) == nullptr && !map_chains()) return false;
  Coroutine** const chain = chain_of(coroutine.frame);
  coroutine.next = *chain;
  *chain = &coroutine;
  return true;
}

bool remove_coroutine_locked(Coroutine& coroutine) {
  Coroutine** place = chain_of(coroutine.frame);
  while (place != nullptr && *place != nullptr && *place != &coroutine) place = &(*place)->next;
  if (place == nullptr || *place == nullptr) return false;
  *place = coroutine.next;
  return true;
}

void visit_coroutines(void (*visit)(Coroutine& coroutine)) {
  Coroutine** const all = chains.load(std::memory_order_acquire);
  if (all == nullptr) return;
  for (std::size_t number = 0; number < kChains; ++number) {
    if (__atomic_load_n(&all[number], __ATOMIC_RELAXED) == nullptr) continue;
    const platform::LockGuard guard(locks[number % kLocks]);
    for (Coroutine* coroutine = all[number]; coroutine != nullptr; coroutine = coroutine->next) {
      visit(*coroutine);
    }
  }
}

Coroutine* refer_to_coroutine(Address frame) {
  const platform::LockGuard guard(coroutine_lock(frame));
  Coroutine* const coroutine = find_coroutine_locked(frame);
  if (coroutine != nullptr) coroutine->references.fetch_add(1, std::memory_order_relaxed);
  return coroutine;
}

void release_coroutine(Coroutine* coroutine) {
  // Acquire and release: what others did to it comes before it goes.
  if (coroutine->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  delete coroutine->facts;
  delete coroutine->caught;
  delete coroutine;
}

LLMO_COLD void reset_coroutine_locks_after_fork() {
  for (platform::Lock& lock : locks) lock.reset();
  chains_lock.reset();
}

}  // namespace llmo::span
