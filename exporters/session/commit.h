// Hands batches to the exporters; to the file exactly once, however often the exporter process is killed.
// export_state.h says how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporters/file/trace_file.h"
#include "exporters/session/batch.h"
#include "exporters/session/export_state.h"
#include "exporters/session/log.h"
#include "exporters/session/waiting_log.h"
#include "exporters/span/exporter.h"

namespace llmo::session {

enum class CommitStep { kNoted, kAppended, kExported };

struct CommitOptions {
  std::string trace_dir;  // absolute
  bool write_file = true;
  bool log_waiting = false;  // spans may wait (keep_filter.h), and are to survive us
  std::vector<std::unique_ptr<Exporter>> exporters;
  // Called after each step; a test stops there.
  std::function<void(CommitStep)> after_step;
};

class Committer {
 public:
  Committer(CommitOptions options, Log& log) : options_(std::move(options)), log_(log) {}

  // Reads the note of the session's last exporter, brings the output to what it says, and calls `apply` for
  // each journal of a batch that had got out. Returns the log of the spans that wait. Call once, before the
  // first commit().
  std::string settle(const std::string& session_dir, const std::function<void(const JournalPart&)>& apply);

  // Takes a batch out. False: it is not out everywhere; call again with the same batch, later. The caller
  // marks its parts as consumed when it gets true.
  bool commit(const Batch& batch);

  void end_of_session();

  const std::string& output_path() const { return output_path_; }  // empty before the first span
  const std::string& problem() const { return problem_; }          // why the last commit() failed

 private:
  std::string resume_log(const std::string& session_dir, const LogPoint& point);
  void log_changes(const WaitingChanges& changes);
  void note(const Batch& batch, std::uint64_t length);
  bool write_to_file(const Batch& batch);
  bool open_output(const Span& first);
  bool export_to_others(const Batch& batch);
  bool fail(const std::string& what);
  void reached(CommitStep step) const;

  CommitOptions options_;
  Log& log_;
  ExportStateFile state_;
  WaitingLogFile log_file_;
  LogPoint log_before_;  // the batch under way
  file::TraceFile output_;
  std::string output_path_;
  std::string problem_;
  std::uint64_t output_end_ = 0;    // where the next batch goes
  bool logged_ = false;             // the batch under way is in the log of what waits
  bool noted_ = false;              // it has its note
  bool in_file_ = false;            // it is in the file
  std::size_t exporters_done_ = 0;  // and with so many of the others
  bool warned_unsafe_ = false;
  bool has_log_ = false;
  bool warned_log_ = false;
};

}  // namespace llmo::session
