// What makes the file output exactly-once, and tells how far each other destination is: a note, written
// before a batch is appended, of what is about to happen.
//
//   1. note: "bytes [offset, offset + length) of <output> will be this batch, and it takes the blocks up to
//   here"
//   2. the batch is appended to the output
//   3. it is sent to the other destinations; after each one that takes it the note is written again and says
//   so
//   4. the journals' blocks are marked as consumed that far
//
// An exporter that is killed in between leaves the note, and the size of the output tells its successor where
// it was: less than offset + length, and the batch is cut off and made again; else step 4 is done again,
// which does no harm when it had been done. A destination that has not taken the batch gets it from the
// output, once it takes anything; what it is behind by stands in a queue (batch_queue.h). So only a kill
// between its answer and the note lets a destination see a batch twice.
//
// Without an output there is nothing that a batch could be read from again: its blocks are consumed when all
// destinations have it, and a note after each says so.
//
// The file has two slots that take turns, so the note before the last is whole while the last is being
// written. Its space is taken when it is opened: a full journal directory is when draining it matters most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/session/journal_reader.h"

namespace llmo::session {

inline constexpr char kExportStateName[] = "export.state";

// A batch's part of one journal.
struct JournalPart {
  std::string journal;             // file name within the session
  std::uint64_t opened_ticks = 0;  // with the name, tells it from a later journal of that name
  bool closed = false;             // the process is gone and this is all of it: the journal can be deleted
  std::vector<BlockProgress> progress;
};

// How far the log of waiting spans (waiting_log.h) goes: so many bytes of its file number `generation`
// modulo 2.
struct LogPoint {
  std::uint32_t generation = 0;
  std::uint64_t size = 0;
  friend bool operator==(const LogPoint&, const LogPoint&) = default;
};

// How far one destination other than the file is.
struct DestinationState {
  std::string name;
  std::uint64_t position = 0;  // in the queue: it has taken all before
  bool has_batch = false;      // and the batch of this note
};

struct ExportState {
  std::string output;  // absolute path; empty where nothing is written to a file
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<JournalPart> parts;
  LogPoint log_before{};         // where the batch did not get out
  LogPoint log_after{};          // where it did
  bool out = false;              // it is out, though no output tells that
  std::uint64_t queue_size = 0;  // of the queue, in bytes
  std::vector<DestinationState> destinations{};
};

// What fits into a slot, with the longest names that a file system has.
inline constexpr std::size_t kMaxPartsPerBatch = 64;
inline constexpr std::size_t kMaxProgressPerBatch = 1024;
inline constexpr std::size_t kMaxDestinations = 16;
inline constexpr std::size_t kMaxDestinationName = 64;

// The bytes of a state, and back. Damaged bytes give nothing.
std::string serialize(const ExportState& state);
std::optional<ExportState> parse_export_state(std::string_view bytes);

// The last state in the file at `path`, which is somebody else's.
std::optional<ExportState> read_export_state(const std::string& path);

class ExportStateFile {
 public:
  ExportStateFile() = default;
  ExportStateFile(const ExportStateFile&) = delete;
  ExportStateFile& operator=(const ExportStateFile&) = delete;
  ~ExportStateFile();

  // Creates the file where it is missing. False where it cannot be had: write() then fails too.
  bool open(const std::string& path);

  // The last state that was written whole.
  std::optional<ExportState> read();

  bool write(const ExportState& state);

 private:
  int fd_ = -1;
  std::uint64_t sequence_ = 0;  // of the last state
};

}  // namespace llmo::session
