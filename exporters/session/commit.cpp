#include "exporters/session/commit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exporters/file/otlp_json_writer.h"

namespace llmo::session {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{5000};

// The spans of a resource stand together in the file. A destination that tells a batch by its content is to
// see the same one when it comes again from there.
void order_as_read_again(std::vector<Span>& spans) {
  std::vector<const Resource*> resources;
  const auto rank = [&resources](const Span& span) {
    return std::find(resources.begin(), resources.end(), span.resource.get()) - resources.begin();
  };
  for (const Span& span : spans) {
    if (static_cast<std::size_t>(rank(span)) == resources.size()) resources.push_back(span.resource.get());
  }
  if (resources.size() < 2) return;
  std::stable_sort(spans.begin(), spans.end(),
                   [&rank](const Span& a, const Span& b) { return rank(a) < rank(b); });
}

}  // namespace

Committer::Committer(CommitOptions options, Log& log) : options_(std::move(options)), log_(log) {
  // A note has room for so many; nobody has more kinds of them.
  const std::size_t count = std::min(options_.exporters.size(), kMaxDestinations);
  for (std::size_t i = 0; i < count; ++i) {
    receivers_.push_back({Destination(std::move(options_.exporters[i]), log_, options_.patience)});
  }
  options_.exporters.clear();
}

// --- what the exporter before has left ---------------------------------------------------------------------

std::string Committer::settle(const std::string& session_dir,
                              const std::function<void(const JournalPart&)>& apply) {
  if (!state_.open(session_dir + "/" + kExportStateName)) {
    log_.warn("cannot write " + session_dir + "/" + kExportStateName + ": " + std::strerror(errno));
  }
  const auto state = state_.read();
  if (state) note_ = *state;
  if (!note_.output.empty()) resume_output();
  const bool out = state && got_out();
  resume_receivers(session_dir, out);
  if (!state) return resume_log(session_dir, {});
  if (out) {
    for (const JournalPart& part : note_.parts) apply(part);
  } else if (output_.is_open() && output_end_ > note_.offset && output_.truncate(note_.offset)) {
    output_end_ = note_.offset;
  }
  return resume_log(session_dir, out ? note_.log_after : note_.log_before);
}

void Committer::resume_output() {
  if (!output_.reopen(note_.output)) return;
  output_path_ = note_.output;
  output_end_ = output_.size();
}

bool Committer::got_out() const {
  if (note_.out) return true;
  if (note_.length > 0) return output_.is_open() && output_end_ >= note_.offset + note_.length;
  if (options_.write_file || receivers_.empty()) return false;
  return std::all_of(receivers_.begin(), receivers_.end(), [this](const Receiver& receiver) {
    const std::string name = receiver.destination.name();
    return std::any_of(note_.destinations.begin(), note_.destinations.end(),
                       [&](const DestinationState& state) { return state.name == name && state.has_batch; });
  });
}

// One that is new to the session begins with what comes now.
void Committer::resume_receivers(const std::string& session_dir, bool out) {
  if (note_.queue_size > 0 || (options_.write_file && !receivers_.empty())) {
    queue_.open(session_dir, note_.queue_size);
  }
  last_in_file_ = out && note_.length > 0;
  for (Receiver& receiver : receivers_) receiver.position = queue_.end();
  for (const DestinationState& state : note_.destinations) {
    const auto known = std::find_if(receivers_.begin(), receivers_.end(), [&](const Receiver& receiver) {
      return receiver.destination.name() == state.name;
    });
    if (known != receivers_.end()) {
      known->position = std::min(state.position, queue_.end());
      known->has_batch = !last_in_file_ || state.has_batch;
    } else if (state.position < queue_.end() || (last_in_file_ && !state.has_batch)) {
      log_.warn(fmt::format("{} is no destination any more; what it was behind by is in {}", state.name,
                            note_.output));
    }
  }
}

// An exporter that lets nothing wait still takes up what another one let wait.
std::string Committer::resume_log(const std::string& session_dir, const LogPoint& point) {
  if (!options_.log_waiting && point.size == 0) return {};
  has_log_ = log_file_.open(session_dir);
  if (has_log_) return log_file_.resume(point);
  log_.warn("cannot write " + session_dir + "/" + kWaitingLogNames[0] + ": " + std::strerror(errno));
  return {};
}

// --- notes -------------------------------------------------------------------------------------------------

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

// The note before tells of a batch that some destinations may not have: the queue has to, from here on.
void Committer::queue_last_batch() {
  const auto is_at_end = [this](const Receiver& receiver) { return receiver.position == queue_.end(); };
  const auto has_it = [](const Receiver& receiver) { return receiver.has_batch; };
  if (last_in_file_ && !std::all_of(receivers_.begin(), receivers_.end(), has_it)) {
    if (!queue_.append({note_.output, note_.offset, note_.length}) && !std::exchange(warned_queue_, true)) {
      log_.warn(fmt::format("cannot note what destinations are behind by: {}", std::strerror(errno)));
    }
    for (Receiver& receiver : receivers_) {
      if (receiver.has_batch) receiver.position = queue_.end();
    }
  } else if (std::all_of(receivers_.begin(), receivers_.end(), is_at_end)) {
    queue_.clear();
    for (Receiver& receiver : receivers_) receiver.position = 0;
  }
  last_in_file_ = false;
}

// `length`: what it takes in the file, 0 where it goes to none.
void Committer::begin_note(const Batch& batch, std::uint64_t length) {
  queue_last_batch();
  noted_ = true;
  note_ = {output_path_, output_end_, length, batch.parts, log_before_, log_file_.end(), false, 0, {}};
  for (Receiver& receiver : receivers_) receiver.has_batch = false;
}

// Where it fails, spans still get out; only a kill at the wrong moment would now show some of them twice.
void Committer::write_note() {
  note_.queue_size = queue_.saved_end();
  note_.destinations.clear();
  for (const Receiver& receiver : receivers_) {
    note_.destinations.push_back(
        {receiver.destination.name().substr(0, kMaxDestinationName), receiver.position, receiver.has_batch});
  }
  if (state_.write(note_) || warned_unsafe_) return;
  warned_unsafe_ = true;
  log_.warn(std::string("cannot note the progress of the export: ") + std::strerror(errno));
}

// --- batches -----------------------------------------------------------------------------------------------

bool Committer::commit(Batch& batch) {
  log_changes(batch.waiting);
  if (!batch.spans.empty() && !commit_spans(batch)) return false;
  // What is in no file has no other sign that it is out.
  if (!noted_ && !batch.waiting.empty()) {
    begin_note(batch, 0);
    for (Receiver& receiver : receivers_) receiver.has_batch = true;
    note_.out = true;
    write_note();
    reached(CommitStep::kNoted);
  }
  logged_ = noted_ = in_file_ = false;
  return true;
}

bool Committer::commit_spans(Batch& batch) {
  if (!noted_) order_as_read_again(batch.spans);
  if (!options_.write_file) return receivers_.empty() || send_everywhere(batch);
  if (!in_file_ && !write_to_file(batch)) return false;
  in_file_ = true;
  offer(batch);
  return true;
}

// The line as it goes to the file that is open, which is another one from here on where that is full.
std::optional<std::string> Committer::pack_for_output(const Span& first, const std::string& line) {
  // Moved away or deleted while we were at it: what comes now goes to a new file.
  if (output_.is_open() && output_.in_place()) {
    std::string bytes = output_.packed(line);
    if (output_end_ == 0 || !output_.is_full(options_.file, bytes.size())) return bytes;
  }
  if (!output_.create(options_.trace_dir, first, options_.file)) return std::nullopt;
  output_path_ = output_.path();
  output_end_ = 0;
  return output_.packed(line);
}

bool Committer::write_to_file(const Batch& batch) {
  if (Clock::now() < next_file_try_) return false;
  const auto packed = pack_for_output(batch.spans.front(), file::to_otlp_json(batch.spans) + "\n");
  if (!packed) return fail("cannot create a trace file in " + options_.trace_dir);
  const std::string& bytes = *packed;
  if (output_.size() != output_end_) {
    // The rest of an append that failed; or somebody else's, which stays.
    if (output_.size() < output_end_ || !output_.truncate(output_end_)) output_end_ = output_.size();
  }
  begin_note(batch, bytes.size());
  write_note();
  reached(CommitStep::kNoted);
  if (!output_.append(output_end_, bytes)) return fail("cannot write to " + output_path_);
  output_end_ += bytes.size();
  file_spans_ += batch.spans.size();
  last_in_file_ = true;
  file_failing_since_ = next_file_try_ = {};
  file_pause_ = {};
  reached(CommitStep::kAppended);
  return true;
}

// To those that have all that came before. What one of them does not take it gets by catch_up().
void Committer::offer(Batch& batch) {
  std::vector<Receiver*> refused;
  for (Receiver& receiver : receivers_) {
    if (!sending_ || receiver.position < queue_.end()) continue;
    if (!receiver.destination.due(Clock::now())) continue;
    if (!send_to(receiver, batch.spans)) refused.push_back(&receiver);
  }
  if (refused.empty()) return;
  const auto held = std::make_shared<const std::vector<Span>>(std::move(batch.spans));
  for (Receiver* const receiver : refused) receiver->held = held;
}

// Without a file: each gets it until each has it.
bool Committer::send_everywhere(const Batch& batch) {
  if (!noted_ && behind()) return false;  // by what an earlier exporter had in a file
  if (!noted_) begin_note(batch, 0);
  bool all = true;
  for (Receiver& receiver : receivers_) {
    if (receiver.has_batch) continue;
    const bool may_try = sending_ && receiver.destination.due(Clock::now());
    all = may_try && send_to(receiver, batch.spans) && all;
  }
  return all;
}

bool Committer::send_to(Receiver& receiver, std::span<const Span> spans) {
  if (!receiver.destination.send(spans)) return false;
  reached(CommitStep::kExported);
  receiver.has_batch = true;
  note_.out = !options_.write_file && std::all_of(receivers_.begin(), receivers_.end(),
                                                  [](const Receiver& one) { return one.has_batch; });
  write_note();
  reached(CommitStep::kTaken);
  return true;
}

// --- destinations that are behind --------------------------------------------------------------------------

bool Committer::is_behind(const Receiver& receiver) const {
  return receiver.position < queue_.end() || (last_in_file_ && !receiver.has_batch);
}

bool Committer::behind() const {
  return std::any_of(receivers_.begin(), receivers_.end(),
                     [this](const Receiver& receiver) { return is_behind(receiver); });
}

bool Committer::catch_up() {
  bool any = false;
  for (Receiver& receiver : receivers_) {
    if (sending_ && is_behind(receiver) && receiver.destination.due(Clock::now())) {
      any = catch_up(receiver) || any;
    }
  }
  return any;
}

bool Committer::catch_up(Receiver& receiver) {
  const bool queued = receiver.position < queue_.end();
  const auto entry = queued ? queue_.read(receiver.position) : std::nullopt;
  if (queued && !entry) {
    log_.warn(fmt::format("{}: it is not known any more what it is behind by", receiver.destination.name()));
    receiver.position = queue_.end();
    return true;
  }
  const QueuedBatch batch = entry ? entry->batch : QueuedBatch{note_.output, note_.offset, note_.length};
  if (!receiver.held) receiver.held = load(receiver, batch);
  if (!receiver.held->empty()) {
    if (!receiver.destination.send(*receiver.held)) return false;
    reached(CommitStep::kExported);
  }
  receiver.held = nullptr;
  if (entry) {
    receiver.position = entry->next;
  } else {
    receiver.has_batch = true;
  }
  write_note();
  reached(CommitStep::kTaken);
  return true;
}

// Empty where the file has gone, or holds something else by now.
std::shared_ptr<const std::vector<Span>> Committer::load(Receiver& receiver, const QueuedBatch& batch) {
  auto spans = std::make_shared<std::vector<Span>>();
  const auto take = [&](Span&& span) { spans->push_back(std::move(span)); };
  if (file::read_batch(batch.file, batch.offset, batch.length, take)) return spans;
  log_.warn(fmt::format("{}: spans that it has yet to get cannot be read from {} any more",
                        receiver.destination.name(), batch.file));
  receiver.destination.count_lost_batch();
  spans->clear();
  return spans;
}

// --- what fails --------------------------------------------------------------------------------------------

bool Committer::hopeless(bool at_once) const {
  const auto now = Clock::now();
  if (file_failing_since_ != Clock::time_point{}) {
    return at_once || now - file_failing_since_ >= options_.patience.local;
  }
  bool any = false;
  for (const Receiver& receiver : receivers_) {
    const bool waited_for = is_behind(receiver) || (noted_ && !receiver.has_batch);
    if (!waited_for) continue;
    any = true;
    const Destination& destination = receiver.destination;
    if (!(at_once ? destination.failing() : destination.given_up(now))) return false;
  }
  return any;
}

Committer::Clock::time_point Committer::next_try() const {
  auto next = Clock::time_point::max();
  if (file_failing_since_ != Clock::time_point{}) next = next_file_try_;
  for (const Receiver& receiver : receivers_) {
    if (receiver.destination.failing()) next = std::min(next, receiver.destination.next_try());
  }
  return next;
}

std::string Committer::problem() const {
  if (file_failing_since_ != Clock::time_point{}) return file_problem_;
  for (const Receiver& receiver : receivers_) {
    const Destination& destination = receiver.destination;
    if (destination.failing()) return destination.name() + ": " + destination.problem();
  }
  return {};
}

bool Committer::any_remote() const {
  return std::any_of(receivers_.begin(), receivers_.end(),
                     [](const Receiver& receiver) { return receiver.destination.remote(); });
}

void Committer::end_of_session() {
  for (Receiver& receiver : receivers_) receiver.destination.end_of_session();
}

std::vector<DestinationReport> Committer::reports() const {
  std::vector<DestinationReport> reports;
  if (options_.write_file)
    reports.push_back({kFileDestination, {file_spans_, 0, 0}, 0, false, file_problem_});
  for (const Receiver& receiver : receivers_) {
    reports.push_back(receiver.destination.report());
    reports.back().behind = is_behind(receiver) || (noted_ && !receiver.has_batch);
  }
  return reports;
}

bool Committer::fail(const std::string& what) {
  const std::string problem = what + ": " + std::strerror(errno);
  const bool first = file_failing_since_ == Clock::time_point{};
  if (first) file_failing_since_ = Clock::now();
  if (std::exchange(file_problem_, problem) != problem || first) log_.warn(problem);
  file_pause_ = std::clamp(file_pause_ * 2, kFirstPause, kLongestPause);
  next_file_try_ = Clock::now() + file_pause_;
  return false;
}

void Committer::reached(CommitStep step) const {
  if (options_.after_step) options_.after_step(step);
}

}  // namespace llmo::session
