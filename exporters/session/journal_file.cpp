#include "exporters/session/journal_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace llmo::session {
namespace {

using journal::BlockHeader;
using journal::BlockKind;
using journal::BlockState;
using journal::FileHeader;

// Reads as much as there is and fills the rest with zeros.
void read_at(int fd, std::size_t offset, void* to, std::size_t size) {
  auto* bytes = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = ::pread(fd, bytes, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes += got;
    offset += static_cast<std::size_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  if (size > 0) std::memset(bytes, 0, size);
}

bool write_at(int fd, std::size_t offset, const void* from, std::size_t size) {
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t put = ::pwrite(fd, bytes, size, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    offset += static_cast<std::size_t>(put);
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

template <typename T>
T relaxed(const std::atomic<T>& value) {
  return value.load(std::memory_order_relaxed);
}

std::size_t block_offset(std::uint32_t block) {
  return journal::kHeaderSize + std::size_t{block} * journal::kBlockSize;
}

std::size_t file_size(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

std::uint32_t blocks_in(std::size_t file_bytes) {
  if (file_bytes < journal::kHeaderSize) return 0;
  // A block that the end of the file cuts counts: its rest reads as zero.
  const std::size_t blocks =
      (file_bytes - journal::kHeaderSize + journal::kBlockSize - 1) / journal::kBlockSize;
  return static_cast<std::uint32_t>(std::min<std::size_t>(blocks, UINT32_MAX));
}

template <std::size_t N>
std::string bounded_text(const char (&text)[N]) {
  return {text, ::strnlen(text, N)};
}

JournalHeader header_of(const FileHeader& header) {
  return {header.clock_kind,
          header.pid,
          header.parent_pid,
          header.process_start,
          header.opened,
          header.process_unix_nanos,
          bounded_text(header.executable),
          header.pid_namespace};
}

JournalFile::Status check(const FileHeader& header, std::size_t size) {
  if (size < journal::kHeaderSize || header.magic == 0) return JournalFile::Status::kNotYet;
  const bool ours = header.magic == journal::kFileMagic && header.version == journal::kVersion &&
                    header.block_size == journal::kBlockSize &&
                    header.clock_kind <= journal::ClockKind::kTsc && header.pid != 0;
  return ours ? JournalFile::Status::kGood : JournalFile::Status::kForeign;
}

}  // namespace

JournalFile::Opened JournalFile::open(const std::string& path) {
  // O_NONBLOCK: a FIFO of that name must not hold us up.
  const int fd = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {Status::kGone, nullptr};
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return {Status::kGone, nullptr};
  }
  FileHeader header{};
  read_at(fd, 0, &header, sizeof header);
  const Status result = check(header, static_cast<std::size_t>(status.st_size));
  if (result != Status::kGood) {
    ::close(fd);
    return {result, nullptr};
  }
  return {Status::kGood,
          std::unique_ptr<JournalFile>(new JournalFile(fd, header_of(header), header.block_capacity))};
}

JournalFile::JournalFile(int fd, JournalHeader header, std::uint32_t capacity)
    : fd_(fd), header_(std::move(header)), capacity_(capacity) {}

JournalFile::~JournalFile() { ::close(fd_); }

JournalCounters JournalFile::read_counters() const {
  FileHeader header{};
  read_at(fd_, 0, &header, offsetof(FileHeader, executable));
  JournalCounters counters;
  counters.blocks = std::min({relaxed(header.blocks_allocated), capacity_, blocks_in(file_size(fd_))});
  const auto state = relaxed(header.state);
  counters.state = state <= journal::ProcessState::kExecuting ? state : journal::ProcessState::kRunning;
  counters.end_ticks = relaxed(header.end_ticks);
  counters.lost_spans = relaxed(header.lost_spans);
  counters.lost_frames = relaxed(header.lost_frames);
  counters.lost_definitions = relaxed(header.lost_definitions);
  counters.lost_attributes = relaxed(header.lost_attributes);
  return counters;
}

std::optional<BlockFacts> JournalFile::read_block(std::uint32_t block) const {
  BlockHeader header{};
  read_at(fd_, block_offset(block), &header, sizeof header);
  const BlockState state = relaxed(header.state);
  const BlockKind kind = relaxed(header.kind);
  if (header.magic != journal::kBlockMagic || kind == BlockKind::kNone || kind > BlockKind::kLeftOut ||
      state > BlockState::kSealed) {
    return std::nullopt;
  }
  return BlockFacts{kind,
                    state,
                    header.generation,
                    header.thread,
                    header.tid,
                    relaxed(header.consumed),
                    bounded_text(header.thread_name)};
}

std::size_t JournalFile::payload_size(std::uint32_t block) const {
  const std::size_t start = block_offset(block) + journal::kBlockHeaderSize;
  const std::size_t size = file_size(fd_);
  return size <= start ? 0 : std::min<std::size_t>(size - start, kPayloadSize);
}

void JournalFile::read_payload(std::uint32_t block, std::size_t offset, std::span<std::byte> to) const {
  read_at(fd_, block_offset(block) + journal::kBlockHeaderSize + offset, to.data(), to.size());
}

std::uint32_t JournalFile::read_word(std::uint32_t block, std::size_t offset) const {
  std::uint32_t word = 0;
  read_at(fd_, block_offset(block) + journal::kBlockHeaderSize + offset, &word, sizeof word);
  return word;
}

bool JournalFile::store_consumed(std::uint32_t block, std::uint32_t consumed) {
  return write_at(fd_, block_offset(block) + offsetof(BlockHeader, consumed), &consumed, sizeof consumed);
}

// Whatever the point at which we are killed, the next exporter finds a sealed block whose first word is zero
// or whose `consumed` is right. Nobody but us writes to a sealed block; the store of the state hands it over.
bool JournalFile::free_block(std::uint32_t block, std::uint32_t generation) {
  static constexpr std::array<std::byte, kPayloadSize> kZeros{};
  const std::size_t offset = block_offset(block);
  const std::uint32_t next = generation + 1;
  const auto free = static_cast<std::uint32_t>(BlockState::kFree);
  return write_at(fd_, offset + journal::kBlockHeaderSize, kZeros.data(), kZeros.size()) &&
         write_at(fd_, offset + offsetof(BlockHeader, generation), &next, sizeof next) &&
         store_consumed(block, 0) && write_at(fd_, offset + offsetof(BlockHeader, state), &free, sizeof free);
}

}  // namespace llmo::session
