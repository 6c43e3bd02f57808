// The journal of this process: the file, its header and the blocks that are handed out from it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "shim/journal/format.h"
#include "shim/journal/session.h"
#include "shim/platform/lock.h"

namespace llmo::journal {

// Whose block it is.
struct ThreadLabel {
  std::uint32_t number = 0;  // within the process, from 1; 0: no thread
  std::uint32_t tid = 0;
};

// Opened lazily, at the first span. Nothing here blocks on the exporter, keeps a descriptor or meets SIGBUS:
// a block's pages exist before it is handed out. Functions that hand out space return nullptr when there is
// none. Threads: any. Signals: not safe.
class Journal {
 public:
  constexpr Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Makes the file in `session`, which must outlive the journal.
  bool open(Session& session, std::uint64_t max_bytes);
  // In memory that nobody else has, for a process that records nothing: its span stacks are there as ever.
  bool open_unread(std::uint64_t max_bytes);
  bool is_open() const { return header_ != nullptr; }
  FileHeader& header() { return *header_; }
  const std::string& path() const { return path_; }

  // `index` lies below header().blocks_allocated. Signals: safe.
  BlockHeader* block_at(std::size_t index) const;

  // A zeroed block in state kOpen.
  BlockHeader* take_block(BlockKind kind, ThreadLabel thread, std::uint32_t sequence);

  // Hands a kRecords block over to the exporter: the thread will not write to it again.
  static void seal(BlockHeader* block);

  // Gives back a block that the exporter does not empty (kFrames). Nothing in it may be open.
  static void give_back(BlockHeader* block);

  // Appends to the kDefinitions blocks; one caller at a time. `record` is a whole record but for its word's
  // visibility: its first four bytes are the word. False when there is no room.
  bool append_definition(const void* record, std::size_t size);

  // An OpenSpan slot, claimed (kClaimedSlot) and not filled. The first of these looks where a slot has become
  // free: without lock or system call, and signals are safe. The second makes room where there was none.
  SpanRecord* reuse_open_slot() { return reinterpret_cast<SpanRecord*>(reuse_slot(open_spans_)); }
  SpanRecord* take_open_slot() { return reinterpret_cast<SpanRecord*>(take_slot(open_spans_)); }
  // Gives such a slot back. Signals: safe.
  void give_open_slot(SpanRecord* slot) { give_slot(open_spans_, &slot->word); }

  // The same for the slots of calls that are on no stack.
  Frame* reuse_open_call() { return reinterpret_cast<Frame*>(reuse_slot(open_calls_)); }
  Frame* take_open_call() { return reinterpret_cast<Frame*>(take_slot(open_calls_)); }
  void give_open_call(Frame* slot) { give_slot(open_calls_, &slot->word); }

  // True when the exporter has done with every finished span.
  bool is_drained() const;

  // In a forked child: forgets the parent's file without touching it. The mapping is taken out of the child.
  void abandon();

 private:
  std::size_t map(std::uint64_t max_bytes, int flags, int fd);
  bool take_space();
  BlockHeader* reuse_block();
  BlockHeader* new_block();

  // All slots of one kind. Each begins with its word and is free by that alone.
  using SlotWord = std::atomic<std::uint32_t>;
  struct Slots {
    BlockKind kind;
    std::size_t size;       // of a slot, in bytes
    std::size_t count;      // of the slots of a block
    platform::Lock lock{};  // held to add a block; taken before Journal::lock_
    // Hints, so that thousands of open spans are not looked through for each one more.
    std::atomic<SlotWord*> given_back{nullptr};  // the last one
    std::atomic<std::int64_t> free{0};           // how many there are
    std::atomic<std::uint32_t> cursor{0};        // the block where one was found last

    void forget();
  };
  static SlotWord* claim_in(Slots& slots, BlockHeader* block);
  SlotWord* find_slot(Slots& slots);
  SlotWord* reuse_slot(Slots& slots);
  SlotWord* take_slot(Slots& slots);
  static void give_slot(Slots& slots, SlotWord* slot);

  FileHeader* header_ = nullptr;
  std::size_t mapped_size_ = 0;
  Session* session_ = nullptr;  // nullptr: unread
  std::string path_;
  platform::Lock lock_;           // guards what follows; leaf: nothing is locked under it
  std::size_t reuse_cursor_ = 0;  // where to look next for a block that the exporter has emptied
  BlockHeader* definitions_ = nullptr;
  std::size_t definitions_used_ = 0;  // payload bytes
  std::uint32_t definitions_sequence_ = 0;
  Slots open_spans_{BlockKind::kOpenSpans, kOpenSpanSize, kOpenSpansPerBlock};
  Slots open_calls_{BlockKind::kOpenCalls, sizeof(Frame), kFramesPerBlock};
};

}  // namespace llmo::journal
