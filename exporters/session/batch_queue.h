// The batches that are in a trace file and that some other destination has not taken yet.
//
// They are not held in memory: each has an entry that says where in which file it is, and entries are
// appended to a file in the session's directory. A position is a number of bytes in it; a destination's
// position is where the entry stands that it wants next. When all destinations are at the end the queue
// begins anew.
//
//   entry: size of the path, 4 bytes | offset, 8 bytes | length, 8 bytes | path
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace llmo::session {

inline constexpr char kBatchQueueName[] = "behind.queue";

// The bytes [offset, offset + length) of a trace file.
struct QueuedBatch {
  std::string file;  // absolute path
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class BatchQueue {
 public:
  BatchQueue() = default;
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;
  ~BatchQueue();

  // `session_dir` may bear another name once the first batch is in. `size`: what an earlier exporter has
  // left.
  void open(const std::string& session_dir, std::uint64_t size);

  // False, with errno, where the file cannot be written: the entry is in memory only then.
  bool append(const QueuedBatch& batch);

  struct Entry {
    QueuedBatch batch;
    std::uint64_t next = 0;  // the position of the one after it
  };
  // Nothing at the end, and where the file is damaged.
  std::optional<Entry> read(std::uint64_t position) const;

  std::uint64_t end() const { return in_file_ + in_memory_.size(); }
  std::uint64_t saved_end() const { return in_file_; }

  void clear();

 private:
  std::string bytes(std::uint64_t position, std::size_t size) const;
  bool save();

  int fd_ = -1;
  std::uint64_t in_file_ = 0;
  std::string in_memory_;  // what could not be written, behind the rest
};

}  // namespace llmo::session
