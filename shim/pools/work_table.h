// What is known of pieces of work that wait in a library's queue, found by the address of something of the
// program's that the library hands on: a hash table in parts, so that threads seldom wait for each other.
//
// A library that was built to queue a million items a second takes a lock for each; this takes one more, of
// one part of 64, for a few instructions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "shim/platform/part_lock.h"

namespace llmo::pools {

// Of a piece of work: its address, and a small number that tells apart who does what with it.
struct WorkKey {
  const void* work = nullptr;
  std::uint64_t doer = 0;

  friend bool operator==(const WorkKey&, const WorkKey&) = default;
};

// Constant-initialised, for static storage; 2^kBits buckets in each of the parts. An Entry is default
// constructible, and has `WorkKey key` and `Entry* next`, which are the table's. Threads: any. No code of the
// program's may run in what is called here: a lock is held.
template <platform::Part kPart, typename Entry, unsigned kBits>
class WorkTable {
 public:
  constexpr WorkTable() = default;

  // Calls `fill(entry, is_new)` for the entry of `key`, which is made where there is none. False where there
  // is no memory for it.
  template <typename Fill>
  bool put(const WorkKey& key, Fill fill) {
    const Slot slot = slot_of(key);
    const platform::LockGuard guard(slot.part.lock);
    Entry* entry = *link_to(slot, key);
    const bool is_new = entry == nullptr;
    if (is_new) {
      entry = slot.part.make();
      if (entry == nullptr) return false;
      entry->key = key;
      entry->next = *slot.bucket;
    }
    fill(*entry, is_new);
    if (is_new) *slot.bucket = entry;
    return true;
  }

  // Calls `look(entry)` for the entry of `key`, and removes it where that returns true. False where there is
  // no entry.
  template <typename Look>
  bool visit(const WorkKey& key, Look look) {
    const Slot slot = slot_of(key);
    const platform::LockGuard guard(slot.part.lock);
    Entry** const link = link_to(slot, key);
    if (*link == nullptr) return false;
    if (look(**link)) slot.part.give_back(unlink(link));
    return true;
  }

  // Removes all entries for which `is_meant(entry)`. Goes through all of the table: for rare use.
  template <typename IsMeant>
  void remove_where(IsMeant is_meant) {
    for (Part& part : parts_) {
      const platform::LockGuard guard(part.lock);
      for (Entry*& bucket : part.buckets) remove_where(part, &bucket, is_meant);
    }
  }

  // In a forked child: entries are kept, as the child may go on with what they stand for.
  void reset_after_fork() {
    for (Part& part : parts_) part.lock.reset();
  }

 private:
  static constexpr unsigned kPartBits = 6;
  static constexpr std::uint32_t kMaxFree = 64;

  struct Part {
    platform::PartLock<kPart> lock;
    std::uint32_t free_count = 0;
    Entry* free = nullptr;  // kept for the next, so that the heap is seldom asked
    std::array<Entry*, std::size_t{1} << kBits> buckets{};

    Entry* make() {
      if (free == nullptr) return new (std::nothrow) Entry;
      Entry* const entry = free;
      free = entry->next;
      if (free_count != 0) --free_count;
      return entry;
    }

    void give_back(Entry* entry) {
      if (free_count == kMaxFree) {
        delete entry;
        return;
      }
      entry->next = free;
      free = entry;
      ++free_count;
    }
  };

  struct Slot {
    Part& part;
    Entry** bucket;
  };

  // Fibonacci hashing: the high bits depend on all of the address.
  Slot slot_of(const WorkKey& key) {
    const std::uint64_t mixed =
        ((reinterpret_cast<std::uintptr_t>(key.work) >> 4) ^ (key.doer << 48)) * 0x9e3779b97f4a7c15;
    Part& part = parts_[mixed >> (64 - kPartBits)];
    return {part, &part.buckets[(mixed << kPartBits) >> (64 - kBits)]};
  }

  // What points to the entry, or to the end of its bucket.
  static Entry** link_to(const Slot& slot, const WorkKey& key) {
    Entry** link = slot.bucket;
    while (*link != nullptr && (*link)->key != key) link = &(*link)->next;
    return link;
  }

  static Entry* unlink(Entry** link) {
    Entry* const entry = *link;
    *link = entry->next;
    return entry;
  }

  template <typename IsMeant>
  static void remove_where(Part& part, Entry** link, IsMeant is_meant) {
    while (*link != nullptr) {
      if (is_meant(**link)) {
        part.give_back(unlink(link));
      } else {
        link = &(*link)->next;
      }
    }
  }

  std::array<Part, std::size_t{1} << kPartBits> parts_{};
};

}  // namespace llmo::pools
