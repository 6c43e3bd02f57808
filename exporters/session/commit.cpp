#include "exporters/session/commit.h"

#include <cerrno>
#include <cstring>

#include "exporters/file/otlp_json_writer.h"

namespace llmo::session {

std::string Committer::settle(const std::string& session_dir,
                              const std::function<void(const JournalPart&)>& apply) {
  if (!state_.open(session_dir + "/" + kExportStateName)) {
    log_.warn("cannot write " + session_dir + "/" + kExportStateName + ": " + std::strerror(errno));
  }
  const auto state = state_.read();
  if (!state) return resume_log(session_dir, {});
  const bool has_output = !state->output.empty() && output_.reopen(state->output);
  if (has_output) {
    output_path_ = state->output;
    output_end_ = output_.size();
  }
  const std::uint64_t end = state->offset + state->length;
  const bool got_out = state->output.empty() || (has_output && output_end_ >= end);
  if (got_out) {
    for (const JournalPart& part : state->parts) apply(part);
  } else if (has_output && output_end_ > state->offset && output_.truncate(state->offset)) {
    output_end_ = state->offset;
  }
  return resume_log(session_dir, got_out ? state->log_after : state->log_before);
}

// An exporter that lets nothing wait still takes up what another one let wait.
std::string Committer::resume_log(const std::string& session_dir, const LogPoint& point) {
  if (!options_.log_waiting && point.size == 0) return {};
  has_log_ = log_file_.open(session_dir);
  if (has_log_) return log_file_.resume(point);
  log_.warn("cannot write " + session_dir + "/" + kWaitingLogNames[0] + ": " + std::strerror(errno));
  return {};
}

// Where this fails, spans that wait are lost with this process, and with nothing else.
void Committer::log_changes(const WaitingChanges& changes) {
  if (logged_) return;
  logged_ = true;
  log_before_ = log_file_.end();
  if (!has_log_ || changes.empty()) return;
  const bool written = changes.whole ? log_file_.replace(changes.text) : log_file_.append(changes.text);
  if (written || warned_log_) return;
  warned_log_ = true;
  log_.warn(std::string("cannot log which spans wait: ") + std::strerror(errno));
}

// Where it fails, spans still get out; only a kill at the wrong moment would now show some of them twice.
void Committer::note(const Batch& batch, std::uint64_t length) {
  noted_ = true;
  const ExportState state{output_path_, output_end_, length, batch.parts, log_before_, log_file_.end()};
  if (state_.write(state) || warned_unsafe_) return;
  warned_unsafe_ = true;
  log_.warn(std::string("cannot note the progress of the export: ") + std::strerror(errno));
}

bool Committer::commit(const Batch& batch) {
  problem_.clear();
  log_changes(batch.waiting);
  if (!batch.spans.empty()) {
    if (options_.write_file && !in_file_ && !write_to_file(batch)) return false;
    in_file_ = true;
    if (!export_to_others(batch)) return false;
    reached(CommitStep::kExported);
  }
  // What is in no file has no other sign that it is out.
  if (!noted_ && !batch.waiting.empty()) {
    note(batch, 0);
    reached(CommitStep::kNoted);
  }
  logged_ = noted_ = in_file_ = false;
  exporters_done_ = 0;
  return true;
}

bool Committer::open_output(const Span& first) {
  if (output_.is_open() && output_.in_place()) return true;
  // Moved away or deleted while we were at it: what comes now goes to a new file.
  if (!output_.create(options_.trace_dir, first)) return false;
  output_path_ = output_.path();
  output_end_ = 0;
  return true;
}

bool Committer::write_to_file(const Batch& batch) {
  if (!open_output(batch.spans.front())) {
    return fail("cannot create a trace file in " + options_.trace_dir);
  }
  const std::string line = file::to_otlp_json(batch.spans) + "\n";
  if (output_.size() != output_end_) {
    // The rest of an append that failed; or somebody else's, which stays.
    if (output_.size() < output_end_ || !output_.truncate(output_end_)) output_end_ = output_.size();
  }
  note(batch, line.size());
  reached(CommitStep::kNoted);
  if (!output_.append(output_end_, line)) return fail("cannot write to " + output_path_);
  output_end_ += line.size();
  reached(CommitStep::kAppended);
  return true;
}

bool Committer::export_to_others(const Batch& batch) {
  for (; exporters_done_ < options_.exporters.size(); ++exporters_done_) {
    if (options_.exporters[exporters_done_]->export_batch(batch.spans)) continue;
    problem_ = "an exporter does not take spans";
    return false;
  }
  return true;
}

void Committer::end_of_session() {
  for (const auto& exporter : options_.exporters) exporter->end_of_session();
}

bool Committer::fail(const std::string& what) {
  problem_ = what + ": " + std::strerror(errno);
  return false;
}

void Committer::reached(CommitStep step) const {
  if (options_.after_step) options_.after_step(step);
}

}  // namespace llmo::session
