// Reads one journal as its host fills it: new records once, definitions, and what is open.
//
// A block is read from where the last exporter left it (`consumed`), or where this one did. `consumed` moves
// only when the caller says that the records are safely out, and a block goes back to the host only after
// that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "exporters/session/journal_file.h"
#include "exporters/session/record_decoder.h"
#include "exporters/span/definitions.h"

namespace llmo::session {

// How far a block has been read: what a commit stores.
struct BlockProgress {
  std::uint32_t block = 0;
  std::uint32_t generation = 0;
  std::uint32_t consumed = 0;
  friend bool operator==(const BlockProgress&, const BlockProgress&) = default;
};

// What one call of read_records() may take at most.
struct ReadBudget {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t extents = 0;
};

class JournalReader {
 public:
  // `file` is the caller's and outlives the reader.
  explicit JournalReader(JournalFile& file) : file_(file) {}

  // Adds new whole records of kRecords blocks to `extents`, as far as the budget goes, and reduces it. Blocks
  // take turns, so that one busy thread does not hold up the others. Returns whether the budget lasted for
  // all blocks.
  bool read_records(ReadBudget& budget, std::vector<Extent>& extents);

  // Adds what has been defined since the last call.
  void read_definitions(Definitions& definitions);

  // The open slots of a process that is gone, as whole payloads for decode_open().
  std::vector<Extent> read_open() const;

  // Of `span_ids`, those that have a finished record: such a span is not open, its process died before it
  // could say so (format.h, rule 2). free_done_blocks() keeps the blocks that this needs.
  std::unordered_set<std::uint64_t> published(const std::unordered_set<std::uint64_t>& span_ids) const;

  // The greatest end of all finished records that are still in the journal, consumed or not, but none beyond
  // `limit`; 0 without any.
  std::uint64_t last_end_ticks(std::uint64_t limit) const;

  // Stores how far the exporter is done. Ignored where the block has been used anew since.
  void commit(const BlockProgress& progress);

  // Gives blocks back to the host: those that are sealed and committed to their end. Takes a look at every
  // block, so it is for when there are some.
  void free_done_blocks();
  // A sixteenth of the blocks or more.
  bool has_much_to_free() const;

  std::uint64_t damaged() const { return damaged_; }
  void count_damaged(std::size_t count) { damaged_ += count; }

 private:
  struct Cursor {
    bool known = false;
    bool broken = false;  // cannot be read beyond `read`
    bool done = false;    // sealed, and read to its end
    std::uint32_t generation = 0;
    std::uint32_t read = 0;
    std::uint32_t committed = 0;
  };
  static bool is_freeable(const Cursor& c) { return c.known && c.done && c.committed == c.read; }

  void read_block(std::uint32_t block, ReadBudget& budget, std::vector<Extent>& extents);
  Cursor& cursor_of(std::uint32_t block, const BlockFacts& facts);
  std::uint32_t checked_consumed(std::uint32_t block, const BlockFacts& facts);
  RecordRun read_run(std::uint32_t block, const Cursor& cursor, const ReadBudget& budget,
                     std::vector<std::byte>& bytes) const;
  Extent whole_block(std::uint32_t block, const BlockFacts& facts) const;
  template <typename Visit>
  void for_each_finished(Visit visit) const;

  JournalFile& file_;
  std::vector<Cursor> cursors_;
  std::uint32_t blocks_ = 0;  // that there were when records were last read
  std::uint32_t next_block_ = 0;
  std::uint64_t damaged_ = 0;
};

}  // namespace llmo::session
