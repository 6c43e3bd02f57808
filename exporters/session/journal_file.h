// One journal on disk, read and written by system calls.
//
// A mapping would be a trap: a file that is cut short while it is mapped kills its reader with SIGBUS, and so
// does a hole in a full tmpfs, where even a read through a mapping has to allocate. read(2) gives an answer
// for both. What comes back is a copy, so it cannot change between a check and its use. The kernel's copy is
// ordered after the host's stores that it sees: see read_records() in journal_reader.cpp for where that
// matters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "shim/journal/format.h"

namespace llmo::session {

// The part of a FileHeader that never changes.
struct JournalHeader {
  journal::ClockKind clock_kind = journal::ClockKind::kMonotonicNanos;
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint64_t process_start = 0;
  journal::ClockPair opened{};
  std::uint64_t process_unix_nanos = 0;
  std::string executable;
  std::uint64_t pid_namespace = 0;  // its inode: where `pid` counts; 0: not known
};

// The part that the host goes on writing.
struct JournalCounters {
  std::uint32_t blocks = 0;  // never more than the file has room for
  journal::ProcessState state = journal::ProcessState::kRunning;
  std::uint64_t end_ticks = 0;
  std::uint64_t lost_spans = 0;
  std::uint64_t lost_frames = 0;
  std::uint64_t lost_definitions = 0;
  std::uint64_t lost_attributes = 0;
};

struct BlockFacts {
  journal::BlockKind kind = journal::BlockKind::kNone;
  journal::BlockState state = journal::BlockState::kFree;
  std::uint32_t generation = 0;
  std::uint32_t thread = 0;
  std::uint32_t tid = 0;
  std::uint32_t consumed = 0;
  std::string thread_name;
};

inline constexpr std::uint32_t kPayloadSize = journal::kBlockSize - journal::kBlockHeaderSize;

class JournalFile {
 public:
  enum class Status {
    kGood,
    kNotYet,   // no magic, or shorter than a header: its host is still making it, or died at it
    kForeign,  // another version or another shape: not for this program
    kGone,     // cannot be opened; not a plain file
  };
  struct Opened;
  static Opened open(const std::string& path);

  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  ~JournalFile();

  const JournalHeader& header() const { return header_; }
  JournalCounters read_counters() const;

  // Nothing where the block's header does not hold what a host would have stored.
  std::optional<BlockFacts> read_block(std::uint32_t block) const;

  // Payload bytes that the file has of a block: fewer than kPayloadSize where it is cut short.
  std::size_t payload_size(std::uint32_t block) const;

  // Copies payload bytes from `offset` on. What lies beyond the end of the file reads as zero, as a hole
  // does.
  void read_payload(std::uint32_t block, std::size_t offset, std::span<std::byte> to) const;
  std::uint32_t read_word(std::uint32_t block, std::size_t offset) const;

  // These return false, and change nothing that matters, where the file cannot be written.
  bool store_consumed(std::uint32_t block, std::uint32_t consumed);
  // Gives a sealed block that has been read back to the host: format.h, rule 4.
  bool free_block(std::uint32_t block, std::uint32_t generation);

 private:
  JournalFile(int fd, JournalHeader header, std::uint32_t capacity);

  int fd_;
  JournalHeader header_;
  std::uint32_t capacity_;  // blocks
};

struct JournalFile::Opened {
  Status status = Status::kGone;
  std::unique_ptr<JournalFile> file;  // set where status is kGood
};

}  // namespace llmo::session
