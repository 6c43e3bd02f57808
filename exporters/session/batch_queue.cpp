#include "exporters/session/batch_queue.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace llmo::session {
namespace {

struct EntryHeader {
  std::uint64_t offset;
  std::uint64_t length;
  std::uint32_t path_size;
};
constexpr std::size_t kHeaderSize = 20;

std::string bytes_of(const QueuedBatch& batch) {
  const auto path_size = static_cast<std::uint32_t>(batch.file.size());
  std::string bytes(reinterpret_cast<const char*>(&path_size), sizeof path_size);
  bytes.append(reinterpret_cast<const char*>(&batch.offset), sizeof batch.offset);
  bytes.append(reinterpret_cast<const char*>(&batch.length), sizeof batch.length);
  return bytes + batch.file;
}

EntryHeader header_in(const std::string& bytes) {
  EntryHeader header{};
  std::memcpy(&header.path_size, bytes.data(), sizeof header.path_size);
  std::memcpy(&header.offset, bytes.data() + 4, sizeof header.offset);
  std::memcpy(&header.length, bytes.data() + 12, sizeof header.length);
  return header;
}

}  // namespace

BatchQueue::~BatchQueue() {
  if (fd_ >= 0) ::close(fd_);
}

void BatchQueue::open(const std::string& session_dir, std::uint64_t size) {
  const std::string path = session_dir + "/" + kBatchQueueName;
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  const off_t there = fd_ < 0 ? 0 : ::lseek(fd_, 0, SEEK_END);
  in_file_ = std::min(size, static_cast<std::uint64_t>(std::max<off_t>(there, 0)));
}

bool BatchQueue::append(const QueuedBatch& batch) {
  in_memory_ += bytes_of(batch);
  return save();
}

// All that is not in the file yet, or nothing: half an entry there does not count.
bool BatchQueue::save() {
  const ssize_t put = ::pwrite(fd_, in_memory_.data(), in_memory_.size(), static_cast<off_t>(in_file_));
  if (put != static_cast<ssize_t>(in_memory_.size())) return false;
  in_file_ += in_memory_.size();
  in_memory_.clear();
  return true;
}

std::string BatchQueue::bytes(std::uint64_t position, std::size_t size) const {
  if (position >= in_file_) {
    const std::uint64_t at = position - in_file_;
    return at > in_memory_.size() ? std::string() : in_memory_.substr(at, size);
  }
  std::string bytes(std::min<std::uint64_t>(size, in_file_ - position), '\0');
  const ssize_t got = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(position));
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

std::optional<BatchQueue::Entry> BatchQueue::read(std::uint64_t position) const {
  const std::string start = bytes(position, kHeaderSize);
  if (start.size() < kHeaderSize) return std::nullopt;
  const EntryHeader header = header_in(start);
  if (header.path_size > PATH_MAX) return std::nullopt;
  Entry entry{{bytes(position + kHeaderSize, header.path_size), header.offset, header.length},
              position + kHeaderSize + header.path_size};
  if (entry.batch.file.size() != header.path_size) return std::nullopt;
  return entry;
}

void BatchQueue::clear() {
  in_file_ = 0;
  in_memory_.clear();
}

}  // namespace llmo::session
