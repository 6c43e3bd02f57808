// Hands batches to the file and to the other destinations: to the file exactly once, to the others at least
// once, however often the exporter process is killed. export_state.h says how.
//
// With a file no destination holds up another one: what one of them does not take it gets later, read again
// from the file (catch_up). Without one a batch is out when all have taken it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/file/file_settings.h"
#include "exporters/file/trace_file.h"
#include "exporters/session/batch.h"
#include "exporters/session/batch_queue.h"
#include "exporters/session/destination.h"
#include "exporters/session/export_state.h"
#include "exporters/session/log.h"
#include "exporters/session/waiting_log.h"
#include "exporters/span/exporter.h"

namespace llmo::session {

enum class CommitStep {
  kNoted,     // the note of a batch that goes to the file
  kAppended,  // it is in the file
  kExported,  // one destination has taken a batch
  kTaken,     // and a note says so
};

struct CommitOptions {
  std::string trace_dir;  // absolute
  bool write_file = true;
  bool log_waiting = false;  // spans may wait (keep_filter.h), and are to survive us
  std::vector<std::unique_ptr<Exporter>> exporters{};
  file::FileSettings file{};
  Patience patience{};
  // Called after each step; a test stops there.
  std::function<void(CommitStep)> after_step{};
};

class Committer {
 public:
  using Clock = Destination::Clock;

  Committer(CommitOptions options, Log& log);

  // Reads the note of the session's last exporter, brings the output to what it says, and calls `apply` for
  // each journal of a batch that had got out. Returns the log of the spans that wait. Call once, before the
  // first commit().
  std::string settle(const std::string& session_dir, const std::function<void(const JournalPart&)>& apply);

  // Takes a batch out. True: the caller marks its parts as consumed; its spans may have been moved away.
  // False: it is not out; call again with the same batch, later.
  bool commit(Batch& batch);

  // Sends each destination that is behind, and due, the next batch. Returns whether one has taken it.
  bool catch_up();

  // Whether a destination has yet to get what is in the file.
  bool behind() const;

  // From now on only the file is written to: there is no time for more.
  void stop_sending() { sending_ = false; }

  // Whether there is a destination for which spans may wait until a batch is full.
  bool any_remote() const;
  bool writes_file() const { return options_.write_file; }

  // What stands in the way has done so for as long as anybody waits for it; `at_once`: nobody waits.
  bool hopeless(bool at_once) const;
  // When something that failed is worth another try; the far future where nothing failed.
  Clock::time_point next_try() const;
  // One sentence on what fails now; empty where nothing does.
  std::string problem() const;

  void end_of_session();
  std::vector<DestinationReport> reports() const;

  const std::string& output_path() const { return output_path_; }  // empty before the first span

 private:
  // A destination, and how far it is.
  struct Receiver {
    Destination destination;
    std::uint64_t position = 0;  // in the queue
    bool has_batch = true;       // the batch that the note is about
    // The batch that it wants next, where it has been tried: it comes again as it was.
    std::shared_ptr<const std::vector<Span>> held{};
  };

  std::string resume_log(const std::string& session_dir, const LogPoint& point);
  void resume_output();
  bool got_out() const;
  void resume_receivers(const std::string& session_dir, bool out);
  void log_changes(const WaitingChanges& changes);

  bool commit_spans(Batch& batch);
  void begin_note(const Batch& batch, std::uint64_t length);
  void queue_last_batch();
  void write_note();
  bool write_to_file(const Batch& batch);
  std::optional<std::string> pack_for_output(const Span& first, const std::string& line);
  void offer(Batch& batch);
  bool send_everywhere(const Batch& batch);
  bool send_to(Receiver& receiver, std::span<const Span> spans);

  bool is_behind(const Receiver& receiver) const;
  bool catch_up(Receiver& receiver);
  std::shared_ptr<const std::vector<Span>> load(Receiver& receiver, const QueuedBatch& batch);
  bool fail(const std::string& what);
  void reached(CommitStep step) const;

  CommitOptions options_;
  Log& log_;
  std::vector<Receiver> receivers_;
  BatchQueue queue_;
  ExportStateFile state_;
  ExportState note_;           // the last one; its destinations are filled in as it is written
  bool last_in_file_ = false;  // its batch is in a file, and may have to be queued
  WaitingLogFile log_file_;
  LogPoint log_before_;  // the batch under way
  file::TraceFile output_;
  std::string output_path_;
  std::uint64_t output_end_ = 0;  // where the next batch goes
  std::uint64_t file_spans_ = 0;  // in the file by this exporter
  std::string file_problem_;      // why the file could not be written, the last time
  Clock::time_point file_failing_since_{};
  Clock::time_point next_file_try_{};
  std::chrono::milliseconds file_pause_{};
  bool logged_ = false;   // the batch under way is in the log of what waits
  bool noted_ = false;    // it has its note
  bool in_file_ = false;  // it is in the file
  bool sending_ = true;
  bool warned_unsafe_ = false;
  bool warned_queue_ = false;
  bool has_log_ = false;
  bool warned_log_ = false;
};

}  // namespace llmo::session
