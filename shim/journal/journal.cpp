#include "shim/journal/journal.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "shim/platform/clock.h"
#include "shim/platform/export.h"
#include "shim/platform/limits.h"
#include "shim/platform/process_info.h"
#include "shim/platform/sparse_mapping.h"
#include "shim/platform/syscalls.h"
#include "shim/platform/text.h"

namespace llmo::journal {

namespace sys = platform::sys;

namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23;
#endif
constexpr std::size_t kPage = 4096;

// Blocks looked at for each one that is taken: enough to follow an exporter that keeps up, and no more work
// than populating a new block when it does not.
constexpr std::size_t kReuseScan = 64;

// Makes the pages exist. Storing into a hole of a full file system would kill the host by SIGBUS; these calls
// fail instead. Before Linux 5.14 there is no MADV_POPULATE_WRITE: any system call that stores into the page
// does.
bool populate(void* start, std::size_t size) {
  if (sys::madvise(start, size, MADV_POPULATE_WRITE) == 0) return true;
  auto* const bytes = static_cast<char*>(start);
  for (std::size_t offset = 0; offset < size; offset += kPage) {
    timespec* const target = reinterpret_cast<timespec*>(bytes + offset);
    if (sys::call(SYS_clock_gettime, CLOCK_MONOTONIC, sys::as_long(target)) != 0) return false;
    *target = {};
  }
  return true;
}

// Program images that one process may run after each other in one session (execve keeps pid and start time).
constexpr unsigned kMaxImages = 64;

std::string journal_path(const std::string& directory, const platform::ProcessInfo& process, unsigned image) {
  std::string path = directory + '/';
  platform::append_number(path, process.pid);
  path += '-';
  platform::append_number(path, process.start_ticks);
  if (image != 0) {
    path += '-';
    platform::append_number(path, image);
  }
  return path + kJournalSuffix;
}

constexpr std::size_t kMinBlocks = 8;

// Blocks that a journal may have: what the settings say, but never more than a file of the host's may have
// (growing past RLIMIT_FSIZE raises SIGXFSZ), and a sixteenth of its address space where that is limited.
// Below kMinBlocks there is no journal.
std::size_t block_count(std::uint64_t max_bytes) {
  constexpr std::uint64_t kShareOfAddressSpace = 16;
  const std::uint64_t file_limit = platform::resource_limit(RLIMIT_FSIZE);
  const std::uint64_t address_space = platform::resource_limit(RLIMIT_AS);
  std::uint64_t bytes = std::max<std::uint64_t>(max_bytes, kMinBlocks * kBlockSize);
  if (address_space != UINT64_MAX) bytes = std::min(bytes, address_space / kShareOfAddressSpace);
  bytes = std::min(bytes, file_limit < kHeaderSize ? 0 : file_limit - kHeaderSize);
  return bytes / kBlockSize;
}

std::byte* payload_of(BlockHeader* block) { return reinterpret_cast<std::byte*>(block) + kBlockHeaderSize; }

// Whoever acts on a kind has it from a lock or from `state`; all others only pass by: relaxed is enough.
bool is_of_kind(const BlockHeader* block, BlockKind kind) {
  return block->kind.load(std::memory_order_relaxed) == kind;
}

void fill_header(FileHeader* header, const platform::ProcessInfo& process, std::size_t capacity) {
  header->version = kVersion;
  header->block_size = kBlockSize;
  header->block_capacity = static_cast<std::uint32_t>(capacity);
  header->clock_kind = platform::clock_kind();
  header->pid = process.pid;
  header->parent_pid = process.parent_pid;
  header->process_start = process.start_ticks;
  header->pid_namespace = process.pid_namespace;
  header->opened = platform::read_clock_pair();
  header->process_unix_nanos = process.start_unix_nanos;
  const std::size_t size = std::min(process.executable.size(), sizeof header->executable - 1);
  std::memcpy(header->executable, process.executable.data(), size);
  // Release: whoever sees the magic sees the rest.
  std::atomic_ref(header->magic).store(kFileMagic, std::memory_order_release);
}

}  // namespace

bool Journal::open(Session& session, std::uint64_t max_bytes) {
  const platform::ProcessInfo process = platform::read_process_info();
  int fd = -EEXIST;
  for (unsigned image = 0; fd == -EEXIST && image < kMaxImages; ++image) {
    path_ = journal_path(session.directory(), process, image);
    fd = sys::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  }
  if (fd < 0) return false;

  const std::size_t blocks = map(max_bytes, MAP_SHARED, fd);
  sys::close(fd);
  if (blocks == 0) {
    sys::unlink(path_.c_str());
    return false;
  }
  session_ = &session;
  fill_header(header_, process, blocks);
  return true;
}

bool Journal::open_unread(std::uint64_t max_bytes) {
  const std::size_t blocks = map(max_bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (blocks != 0) header_->block_capacity = static_cast<std::uint32_t>(blocks);
  return blocks != 0;
}

// The memory is sparse and the mapping costs only address space; a host with little of that gets less of it.
// Returns the number of blocks, 0 where none could be had.
std::size_t Journal::map(std::uint64_t max_bytes, int flags, int fd) {
  void* memory = nullptr;
  std::size_t blocks = block_count(max_bytes);
  for (; blocks >= kMinBlocks; blocks /= 2) {
    mapped_size_ = kHeaderSize + blocks * kBlockSize;
    if (fd >= 0 && sys::ftruncate(fd, mapped_size_) != 0) continue;
    memory = platform::map_sparse(mapped_size_, flags, fd);
    if (memory != nullptr) break;
  }
  if (memory == nullptr) return 0;
  if (!populate(memory, kHeaderSize)) {
    sys::munmap(memory, mapped_size_);
    return 0;
  }
  sys::madvise(memory, mapped_size_, MADV_DONTDUMP);
  header_ = static_cast<FileHeader*>(memory);
  return blocks;
}

// In memory of the process's own the mapping is the limit.
bool Journal::take_space() { return session_ == nullptr || session_->take_space(kBlockSize); }

BlockHeader* Journal::block_at(std::size_t index) const {
  return reinterpret_cast<BlockHeader*>(reinterpret_cast<std::byte*>(header_) + kHeaderSize +
                                        index * kBlockSize);
}

// Acquire pairs with the exporter's release when it frees a block: its zeroes are seen.
BlockHeader* Journal::reuse_block() {
  const std::size_t allocated = header_->blocks_allocated.load(std::memory_order_relaxed);
  for (std::size_t looked = 0; looked < std::min(kReuseScan, allocated); ++looked) {
    if (reuse_cursor_ >= allocated) reuse_cursor_ = 0;
    BlockHeader* const block = block_at(reuse_cursor_++);
    if (block->state.load(std::memory_order_acquire) == BlockState::kFree && block->magic == kBlockMagic) {
      return block;
    }
  }
  return nullptr;
}

BlockHeader* Journal::new_block() {
  const std::uint32_t index = header_->blocks_allocated.load(std::memory_order_relaxed);
  if (index >= header_->block_capacity || !take_space()) return nullptr;
  BlockHeader* const block = block_at(index);
  if (!populate(block, kBlockSize)) {
    if (session_ != nullptr) session_->give_space(kBlockSize);
    return nullptr;
  }
  block->magic = kBlockMagic;
  // Release: the exporter that sees the count sees the magic.
  header_->blocks_allocated.store(index + 1, std::memory_order_release);
  return block;
}

BlockHeader* Journal::take_block(BlockKind kind, ThreadLabel thread, std::uint32_t sequence) {
  const platform::LockGuard guard(lock_);
  BlockHeader* block = reuse_block();
  if (block == nullptr) block = new_block();
  if (block == nullptr) return nullptr;
  block->kind.store(kind, std::memory_order_release);
  block->thread = thread.number;
  block->tid = thread.tid;
  block->sequence = sequence;
  block->opened_ticks = platform::now_ticks();
  block->consumed.store(0, std::memory_order_relaxed);
  if (thread.number != 0) sys::call(SYS_prctl, PR_GET_NAME, sys::as_long(block->thread_name));
  // Release: the exporter that sees the block open sees its header.
  block->state.store(BlockState::kOpen, std::memory_order_release);
  return block;
}

// Release: all records come before it.
void Journal::seal(BlockHeader* block) { block->state.store(BlockState::kSealed, std::memory_order_release); }

void Journal::give_back(BlockHeader* block) {
  std::memset(payload_of(block), 0, kBlockSize - kBlockHeaderSize);
  ++block->generation;
  // Release: pairs with the acquire in reuse_block() and in the exporter.
  block->state.store(BlockState::kFree, std::memory_order_release);
}

bool Journal::append_definition(const void* record, std::size_t size) {
  if (size > kMaxRecordSize) return false;
  if (definitions_ == nullptr || kMaxRecordSize - definitions_used_ < size) {
    BlockHeader* const block = take_block(BlockKind::kDefinitions, {}, definitions_sequence_);
    if (block == nullptr) return false;
    ++definitions_sequence_;
    definitions_ = block;
    definitions_used_ = 0;
  }
  std::byte* const target = payload_of(definitions_) + definitions_used_;
  definitions_used_ += size;
  std::uint32_t word = 0;
  std::memcpy(&word, record, sizeof word);
  std::memcpy(target + sizeof word, static_cast<const std::byte*>(record) + sizeof word, size - sizeof word);
  // Release: the record is there before its word.
  reinterpret_cast<std::atomic<std::uint32_t>*>(target)->store(word, std::memory_order_release);
  return true;
}

namespace {

// True where the slot was free.
bool claim(std::atomic<std::uint32_t>& slot) {
  std::uint32_t free = 0;
  return slot.load(std::memory_order_relaxed) == 0 &&
         slot.compare_exchange_strong(free, kClaimedSlot, std::memory_order_relaxed);
}

}  // namespace

Journal::SlotWord* Journal::claim_in(Slots& slots, BlockHeader* block) {
  for (std::size_t index = 0; index < slots.count; ++index) {
    auto* const slot = reinterpret_cast<SlotWord*>(payload_of(block) + index * slots.size);
    if (!claim(*slot)) continue;
    slots.free.fetch_sub(1, std::memory_order_relaxed);
    return slot;
  }
  return nullptr;
}

// Goes on where one was found last, once around. A block of such a kind stays one.
Journal::SlotWord* Journal::find_slot(Slots& slots) {
  const std::uint32_t allocated = header_->blocks_allocated.load(std::memory_order_acquire);
  std::uint32_t index = slots.cursor.load(std::memory_order_relaxed);
  for (std::uint32_t looked = 0; looked < allocated; ++looked, ++index) {
    if (index >= allocated) index = 0;
    BlockHeader* const block = block_at(index);
    // Acquire: pairs with take_block(); the slots are seen as they were zeroed.
    if (block->kind.load(std::memory_order_acquire) != slots.kind) continue;
    SlotWord* const slot = claim_in(slots, block);
    if (slot == nullptr) continue;
    slots.cursor.store(index, std::memory_order_relaxed);
    return slot;
  }
  return nullptr;
}

Journal::SlotWord* Journal::reuse_slot(Slots& slots) {
  SlotWord* const last = slots.given_back.exchange(nullptr, std::memory_order_relaxed);
  if (last != nullptr && claim(*last)) {
    slots.free.fetch_sub(1, std::memory_order_relaxed);
    return last;
  }
  return slots.free.load(std::memory_order_relaxed) > 0 ? find_slot(slots) : nullptr;
}

Journal::SlotWord* Journal::take_slot(Slots& slots) {
  const platform::LockGuard guard(slots.lock);
  // Another thread may have made room meanwhile.
  if (SlotWord* const slot = reuse_slot(slots); slot != nullptr) return slot;
  BlockHeader* const block = take_block(slots.kind, {}, 0);
  if (block == nullptr) return nullptr;
  slots.free.fetch_add(static_cast<std::int64_t>(slots.count), std::memory_order_relaxed);
  return claim_in(slots, block);
}

void Journal::give_slot(Slots& slots, SlotWord* slot) {
  // Release: the record is there before the slot is free (rule 2 of format.h).
  slot->store(0, std::memory_order_release);
  slots.free.fetch_add(1, std::memory_order_relaxed);
  slots.given_back.store(slot, std::memory_order_relaxed);
}

LLMO_COLD void Journal::Slots::forget() {
  lock.reset();
  given_back.store(nullptr, std::memory_order_relaxed);
  free.store(0, std::memory_order_relaxed);
  cursor.store(0, std::memory_order_relaxed);
}

namespace {

bool is_consumed(const BlockHeader* block) {
  if (!is_of_kind(block, BlockKind::kRecords) ||
      block->state.load(std::memory_order_acquire) == BlockState::kFree) {
    return true;
  }
  const std::uint32_t consumed = block->consumed.load(std::memory_order_acquire);
  if (consumed >= kMaxRecordSize) return true;
  const auto* const payload = reinterpret_cast<const std::byte*>(block + 1);
  const auto* const next = reinterpret_cast<const std::atomic<std::uint32_t>*>(payload + consumed);
  return next->load(std::memory_order_acquire) == 0;
}

}  // namespace

bool Journal::is_drained() const {
  const std::size_t allocated = header_->blocks_allocated.load(std::memory_order_relaxed);
  for (std::size_t index = 0; index < allocated; ++index) {
    if (!is_consumed(block_at(index))) return false;
  }
  return true;
}

LLMO_COLD void Journal::abandon() {
  if (header_ != nullptr) sys::munmap(header_, mapped_size_);
  header_ = nullptr;
  session_ = nullptr;
  path_.clear();
  lock_.reset();
  reuse_cursor_ = 0;
  definitions_ = nullptr;
  definitions_used_ = 0;
  definitions_sequence_ = 0;
  open_spans_.forget();
  open_calls_.forget();
}

}  // namespace llmo::journal
