#include "exporters/session/commit.h"

#include <cerrno>
#include <cstring>

#include "exporters/file/otlp_json_writer.h"

namespace llmo::session {

void Committer::settle(const std::string& session_dir, const std::function<void(const JournalPart&)>& apply) {
  if (!state_.open(session_dir + "/" + kExportStateName)) {
    log_.warn("cannot write " + session_dir + "/" + kExportStateName + ": " + std::strerror(errno));
  }
  const auto state = state_.read();
  if (!state) return;
  const bool has_output = !state->output.empty() && output_.reopen(state->output);
  if (has_output) {
    output_path_ = state->output;
    output_end_ = output_.size();
  }
  const std::uint64_t end = state->offset + state->length;
  if (state->output.empty() || (has_output && output_end_ >= end)) {
    for (const JournalPart& part : state->parts) apply(part);
  } else if (has_output && output_end_ > state->offset && output_.truncate(state->offset)) {
    output_end_ = state->offset;
  }
}

bool Committer::commit(const Batch& batch) {
  problem_.clear();
  if (!batch.spans.empty()) {
    if (options_.write_file && !in_file_ && !write_to_file(batch)) return false;
    in_file_ = true;
    if (!export_to_others(batch)) return false;
    reached(CommitStep::kExported);
  }
  in_file_ = false;
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
  if (!state_.write({output_path_, output_end_, line.size(), batch.parts}) && !warned_unsafe_) {
    // Spans still get out; only a kill at the wrong moment would now show some of them twice.
    warned_unsafe_ = true;
    log_.warn(std::string("cannot note the progress of the export: ") + std::strerror(errno));
  }
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
