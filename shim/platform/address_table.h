// Objects that are found by the address of something of the host's: a hash table that is linked through its
// entries, so that nothing is allocated for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "shim/platform/part_lock.h"

namespace llmo::platform {

// Constant-initialised, for static storage; 2^kBits buckets. An Entry has `const void* address() const`,
// fixed while it is in the table, and `Entry* next_in_bucket`, which the table's lock guards. Threads: any.
// The lock is held for walking a bucket, nothing else.
template <Part kPart, typename Entry, unsigned kBits>
class AddressTable {
 public:
  constexpr AddressTable() = default;

  // nullptr where there is none. Good until the entry is taken out.
  Entry* find(const void* address) {
    const LockGuard guard(lock_);
    return *link_to(address);
  }

  // The same for an entry that others may take out meanwhile: what `visit(entry)` gives, under the lock; a
  // default value where there is none. `visit` does not come back to the table.
  template <typename Visit>
  auto visit(const void* address, const Visit& visit) -> decltype(visit(std::declval<Entry&>())) {
    const LockGuard guard(lock_);
    Entry* const entry = *link_to(address);
    if (entry == nullptr) return {};
    return visit(*entry);
  }

  // Takes the place of one of the same address, which is returned.
  std::unique_ptr<Entry> insert(std::unique_ptr<Entry> entry) {
    return insert_unless(std::move(entry), [](const Entry&) { return false; });
  }

  // The same, unless `keep(entry)`, called under the lock, is true of the one that is there: it stays, and
  // the new one is returned.
  template <typename Keep>
  std::unique_ptr<Entry> insert_unless(std::unique_ptr<Entry> entry, const Keep& keep) {
    const LockGuard guard(lock_);
    Entry** const link = link_to(entry->address());
    if (*link != nullptr && keep(**link)) return entry;
    std::unique_ptr<Entry> stale(*link);
    if (stale != nullptr) *link = std::exchange(stale->next_in_bucket, nullptr);
    Entry** const head = bucket(entry->address());
    entry->next_in_bucket = *head;
    *head = entry.release();
    return stale;
  }

  // Takes the entry out; nullptr where there is none.
  std::unique_ptr<Entry> take(const void* address) {
    return take_if(address, [](const Entry&) { return true; });
  }

  // The same for one that `accept(entry)`, called under the lock, is true of.
  template <typename Accept>
  std::unique_ptr<Entry> take_if(const void* address, const Accept& accept) {
    const LockGuard guard(lock_);
    Entry** const link = link_to(address);
    if (*link == nullptr || !accept(**link)) return nullptr;
    std::unique_ptr<Entry> taken(*link);
    *link = std::exchange(taken->next_in_bucket, nullptr);
    return taken;
  }

  // In a forked child: entries are kept, as the child may go on with what they stand for.
  void reset_after_fork() { lock_.reset(); }

 private:
  // libcurl's objects are heap blocks of a few kilobytes, so the low bits of their addresses say little.
  Entry** bucket(const void* address) {
    const auto number = reinterpret_cast<std::uintptr_t>(address);
    const std::uint64_t mixed = (number >> 4) * 0x9e3779b97f4a7c15;  // Fibonacci hashing
    return &buckets_[mixed >> (64 - kBits)];
  }

  // What points to the entry, or to the end of its bucket.
  Entry** link_to(const void* address) {
    Entry** link = bucket(address);
    while (*link != nullptr && (*link)->address() != address) link = &(*link)->next_in_bucket;
    return link;
  }

  PartLock<kPart> lock_;
  std::array<Entry*, std::size_t{1} << kBits> buckets_{};
};

}  // namespace llmo::platform
