#include "exporters/session/export_loop.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <utility>
#include <vector>

namespace llmo::session {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBusyInterval{5};
constexpr milliseconds kIdleInterval{200};
constexpr milliseconds kMaxPause{5000};  // however long a destination asks for: processes end meanwhile
constexpr ReadBudget kBatchBudget{2048, 1 << 20, kMaxProgressPerBatch};
// Batches in a row before journals are looked for again.
constexpr int kBatchesPerTurn = 64;
constexpr std::size_t kMaxPolled = 1000;
// Deciding takes a look at all stacks of all threads, and at all that waits: no more than a twentieth of the
// time.
constexpr milliseconds kDecisionInterval{100};

bool is_sampled(const Span& span) {
  constexpr std::uint32_t kSampled = 1;  // W3C Trace Context, trace-flags
  return (span.flags & kSampled) != 0;
}

// A batch takes what a journal has in several reads: of a block, how far the last one went counts.
void merge(const JournalPart& part, JournalPart& into) {
  into.closed = into.closed || part.closed;
  for (const BlockProgress& progress : part.progress) {
    const auto same = std::find_if(into.progress.begin(), into.progress.end(), [&](const BlockProgress& p) {
      return p.block == progress.block && p.generation == progress.generation;
    });
    if (same == into.progress.end()) {
      into.progress.push_back(progress);
    } else {
      same->consumed = progress.consumed;
    }
  }
}

void merge(Batch&& fresh, Batch& into) {
  if (into.spans.empty()) {
    into.spans = std::move(fresh.spans);
  } else {
    std::move(fresh.spans.begin(), fresh.spans.end(), std::back_inserter(into.spans));
  }
  for (JournalPart& part : fresh.parts) {
    const auto same = std::find_if(into.parts.begin(), into.parts.end(),
                                   [&](const JournalPart& p) { return p.journal == part.journal; });
    if (same == into.parts.end()) {
      into.parts.push_back(std::move(part));
    } else {
      merge(part, *same);
    }
  }
  into.waiting.text =
      fresh.waiting.whole ? std::move(fresh.waiting.text) : into.waiting.text + fresh.waiting.text;
  into.waiting.whole = into.waiting.whole || fresh.waiting.whole;
}

// A host makes its journal in some microseconds: one that is as young as this may still be at it, whatever
// its name says.
constexpr std::time_t kYoungSeconds = 2;

bool is_young(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime < kYoungSeconds;
}

// A journal takes two descriptors, and more are needed to look after it: without them a living process would
// seem to be gone.
std::size_t most_sources() {
  constexpr rlim_t kForOthers = 48;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur <= kForOthers + 2 ? 1 : (limit.rlim_cur - kForOthers) / 2;
}

// <pid>-<start>.journal: whose a journal is before its header says so. In another pid namespace than ours it
// is some other process's, or nobody's.
bool named_process_alive(const std::string& name) {
  char* rest = nullptr;
  const auto pid = std::strtoul(name.c_str(), &rest, 10);
  if (pid == 0 || rest == nullptr || *rest != '-') return false;
  const auto start = std::strtoull(rest + 1, nullptr, 10);
  return ProcessWatch(static_cast<std::uint32_t>(pid), start).alive();
}

}  // namespace

ExportLoop::ExportLoop(SessionDirectory& directory, Committer& committer, const SourceContext& context,
                       Log& log, LoopOptions options)
    : directory_(directory),
      committer_(committer),
      context_(context),
      log_(log),
      options_(std::move(options)),
      most_sources_(most_sources()),
      budget_(kBatchBudget),
      empty_since_(Clock::now()) {}

ExportReport ExportLoop::run() {
  discover();
  settle();
  while (!(options_.stop_requested && options_.stop_requested())) {
    discover();
    const auto open = look_up_open();
    const bool busy = pump();
    if (open) decide_waiting(*open);
    const bool closed = close_dead();
    const bool caught_up = committer_.catch_up();
    tell_problem();
    if (given_up()) return finish(ExportEnd::kLeft, committer_.problem());
    if (options_.once && !busy && !closed && !sources_.empty() && !all_dead()) {
      return finish(ExportEnd::kLeft, "processes of the session are still running");
    }
    if (lingered() && end()) return finish(ExportEnd::kComplete, "");
    if (!foreign_.empty() && lingered()) {
      return finish(ExportEnd::kLeft, "it holds a journal of another version of llmobserve");
    }
    if (stuck()) return finish(ExportEnd::kLeft, "its directory cannot be removed");
    wait(busy || closed || caught_up);
  }
  return stop();
}

// --- journals ----------------------------------------------------------------------------------------------

// Returns whether there was a new one.
bool ExportLoop::discover() {
  const std::size_t known = sources_.size();
  for (const std::string& name : directory_.journals()) {
    if (sources_.size() >= most_sources_) break;  // the next one when one of these has ended
    if (sources_.count(name) == 0 && foreign_.count(name) == 0) add_journal(name);
  }
  return sources_.size() != known;
}

void ExportLoop::add_journal(const std::string& name) {
  JournalFile::Opened opened = JournalFile::open(directory_.path_of(name));
  switch (opened.status) {
    case JournalFile::Status::kGood: {
      auto source = std::make_unique<JournalSource>(name, std::move(opened.file), context_);
      note_exec(*source);
      sources_.emplace(name, std::move(source));
      break;
    }
    case JournalFile::Status::kNotYet:
      if (!named_process_alive(name) && !is_young(directory_.path_of(name))) add_unfinished(name);
      break;
    case JournalFile::Status::kForeign:
      foreign_.insert(name);
      log_.warn(directory_.path_of(name) + " is not a journal of this version; it is left alone");
      break;
    case JournalFile::Status::kGone:
      break;
  }
}

// Its host died while it was making the file: nothing had been recorded.
void ExportLoop::add_unfinished(const std::string& name) {
  // Once more, now that the host is known to be gone: it may have finished in between.
  if (JournalFile::open(directory_.path_of(name)).status != JournalFile::Status::kNotYet) return;
  log_.debug("deleting " + directory_.path_of(name) + ": begun, never used");
  directory_.delete_journal(name, 0);
}

// A process keeps pid and start time over execve(2), and its pidfd stays silent. A second journal of one
// process says that the first program is no more.
void ExportLoop::note_exec(JournalSource& added) {
  for (const auto& [name, other] : sources_) {
    const JournalHeader& a = added.header();
    const JournalHeader& b = other->header();
    if (a.pid != b.pid || a.process_start != b.process_start || a.pid_namespace != b.pid_namespace) continue;
    if (a.opened.ticks > b.opened.ticks) other->replaced_at(a.opened.ticks);
    if (a.opened.ticks < b.opened.ticks) added.replaced_at(b.opened.ticks);
  }
}

void ExportLoop::settle() {
  const std::string waiting = committer_.settle(directory_.path(), [this](const JournalPart& part) {
    const auto found = sources_.find(part.journal);
    if (found == sources_.end() || found->second->header().opened.ticks != part.opened_ticks) return;
    found->second->apply(part);
    if (part.closed) drop(part.journal);
  });
  keep_.restore(waiting);
}

void ExportLoop::drop(const std::string& name) {
  const auto found = sources_.find(name);
  if (found == sources_.end()) return;
  report_.damaged += found->second->damaged();
  ++report_.processes;
  directory_.delete_journal(name, found->second->blocks());
  sources_.erase(found);
}

// --- batches -----------------------------------------------------------------------------------------------

// Reads and commits until there is nothing new. Returns whether there was anything.
bool ExportLoop::pump() {
  bool any = false;
  caught_up_ = false;
  for (int i = 0; i < kBatchesPerTurn; ++i) {
    const bool found = !unsent_ && read_batch();
    caught_up_ = !unsent_ && !found;
    if (due()) {
      if (!commit_batch()) return any;
    } else if (!found) {
      return any;
    }
    any = true;
  }
  return any;
}

// Returns whether there was anything to read.
bool ExportLoop::read_batch() {
  Batch fresh;
  auto turn = sources_.lower_bound(next_source_);
  for (std::size_t i = 0; i < sources_.size() && fresh.parts.size() < kMaxPartsPerBatch; ++i) {
    if (turn == sources_.end()) turn = sources_.begin();
    turn->second->read(budget_, fresh);
    ++turn;
  }
  next_source_ = turn == sources_.end() ? std::string() : turn->first;
  const bool found = !fresh.parts.empty();
  if (found || keep_.anything_waits()) add(std::move(fresh));
  return found;
}

// Takes into the batch what of fresh spans is to get out. What waits stays behind, and what waited comes too.
void ExportLoop::add(Batch&& fresh) {
  report_.not_sampled += std::erase_if(fresh.spans, [](const Span& span) { return !is_sampled(span); });
  if (options_.keep_api) {
    keep_.take(fresh.spans);
  } else if (keep_.anything_waits()) {  // the exporter before us let it wait
    keep_.release(kBatchBudget.records, fresh.spans);
  }
  fresh.waiting = keep_.changes();
  if (batch_.spans.empty()) batch_since_ = Clock::now();
  merge(std::move(fresh), batch_);
}

// Spans wait for others only while more may come, and while the journals have room for them.
bool ExportLoop::due() const {
  if (batch_.empty()) return false;
  if (unsent_ || batch_.spans.empty() || options_.once || stopping_ || !committer_.any_remote()) return true;
  if (batch_.parts.size() >= kMaxPartsPerBatch || batch_.spans.size() >= kBatchBudget.records) return true;
  if (budget_.records == 0 || budget_.extents == 0) return true;
  const std::size_t waiting = kBatchBudget.bytes - std::min(budget_.bytes, kBatchBudget.bytes);
  if (budget_.bytes < kPayloadSize || waiting >= options_.most_bytes_waiting) return true;
  return Clock::now() - batch_since_ >= options_.schedule_delay || any_ending();
}

// Before the records are read: what is closed now has its record, and pump() will come upon it.
std::optional<ExportLoop::OpenNow> ExportLoop::look_up_open() {
  if (!options_.keep_api || !keep_.anything_waits() || Clock::now() < next_decision_) return std::nullopt;
  next_decision_ = Clock::now() + kDecisionInterval;
  OpenNow open{{}, keep_.taken()};
  for (const auto& [name, source] : sources_) source->add_open(open.spans);
  return open;
}

// A journal that has come meanwhile may hold calls beneath what seems to be closed.
void ExportLoop::decide_waiting(const OpenNow& open) {
  if (!caught_up_ || discover()) return;
  const auto begun = Clock::now();
  keep_.decide(open.spans, open.taken);
  add({});
  if (due()) commit_batch();
  next_decision_ = Clock::now() + std::max<Clock::duration>(kDecisionInterval, 20 * (Clock::now() - begun));
}

bool ExportLoop::commit_batch() {
  const std::size_t spans = batch_.spans.size();
  unsent_ = !committer_.commit(batch_);
  if (unsent_) return false;
  report_.spans += spans;
  report_.closed_spans += std::exchange(batch_closes_, 0);
  for (const JournalPart& part : batch_.parts) {
    const auto found = sources_.find(part.journal);
    if (found == sources_.end()) continue;
    found->second->apply(part);
    if (part.closed) drop(part.journal);
  }
  batch_ = {};
  budget_ = kBatchBudget;
  return true;
}

bool ExportLoop::close_dead() {
  if (unsent_) return false;
  std::vector<std::string> names;
  for (const auto& [name, source] : sources_) {
    if (source->drained()) names.push_back(name);
  }
  for (const std::string& name : names) {
    if (!close_one(*sources_.at(name))) return false;
  }
  return !names.empty();
}

bool ExportLoop::close_one(JournalSource& source) {
  Batch fresh;
  batch_closes_ = source.close(fresh, keep_.take_undecided());
  add(std::move(fresh));
  return commit_batch();
}

// --- the end -----------------------------------------------------------------------------------------------

bool ExportLoop::all_dead() const {
  return std::none_of(sources_.begin(), sources_.end(), [](const auto& s) { return s.second->alive(); });
}

bool ExportLoop::any_ending() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const auto& s) { return !s.second->alive() || s.second->ending(); });
}

// What a living process records goes out when that is possible again, however long it takes.
bool ExportLoop::given_up() const {
  if (!options_.once && !all_dead()) return false;
  return (unsent_ || (sources_.empty() && committer_.behind())) && committer_.hopeless(options_.once);
}

bool ExportLoop::lingered() {
  if (!sources_.empty() || committer_.behind()) empty_since_ = Clock::now();
  return sources_.empty() && !committer_.behind() &&
         (options_.once || Clock::now() - empty_since_ >= options_.linger);
}

// Out of sight first, then one more look: a host that opened its journal before the renaming is served, one
// that comes after it finds no session and begins another.
bool ExportLoop::end() {
  if (!foreign_.empty() || !directory_.journals().empty()) return false;
  directory_.set_aside();
  discover();
  return directory_.journals().empty() && directory_.remove();
}

// Something lies in the directory that is not ours, or a journal that never gets begun.
bool ExportLoop::stuck() const {
  if (!sources_.empty() || committer_.behind()) return false;
  return Clock::now() - empty_since_ >= options_.linger + options_.give_up_after;
}

// Told to end at once: a file still gets what is there, which takes no time to speak of.
ExportReport ExportLoop::stop() {
  committer_.stop_sending();
  stopping_ = true;
  if (committer_.writes_file()) pump();
  return finish(ExportEnd::kStopped, "");
}

// For who waits for the session's end.
void ExportLoop::tell_problem() {
  const std::string problem = committer_.problem();
  if (problem.empty() == !problem_told_) return;
  problem_told_ = !problem.empty();
  problem_told_ ? directory_.write_problem(problem) : directory_.remove_problem();
}

ExportReport ExportLoop::finish(ExportEnd end, const std::string& problem) {
  committer_.end_of_session();
  for (const auto& [name, source] : sources_) report_.damaged += source->damaged();
  report_.end = end;
  report_.output_path = committer_.output_path();
  report_.problem = problem;
  report_.destinations = committer_.reports();
  if (end == ExportEnd::kLeft) log_.warn(directory_.path() + " is left for `llmobserve recover`: " + problem);
  return std::move(report_);
}

// Until something that fails is worth another try, or until it is time to look again: soon after there was
// something, ever later when there was not.
ExportLoop::Clock::duration ExportLoop::pause(bool busy) {
  const auto now = Clock::now();
  interval_ = busy ? kBusyInterval : std::min(std::max(interval_, kBusyInterval) * 2, kIdleInterval);
  if (busy) return committer_.behind() ? Clock::duration::zero() : kBusyInterval;
  if (unsent_ || (sources_.empty() && committer_.behind())) {
    return std::clamp<Clock::duration>(committer_.next_try() - now, kBusyInterval, kMaxPause);
  }
  Clock::duration pause =
      sources_.empty() ? std::min(interval_, std::max(options_.linger, kBusyInterval)) : interval_;
  if (committer_.behind())
    pause = std::min(pause, std::max<Clock::duration>(committer_.next_try() - now, kBusyInterval));
  if (!batch_.empty())
    pause = std::min(pause,
                     std::max<Clock::duration>(batch_since_ + options_.schedule_delay - now, kBusyInterval));
  return pause;
}

// Sleeps, until a process ends at the longest.
void ExportLoop::wait(bool busy) {
  std::vector<pollfd> polled;
  for (const auto& [name, source] : sources_) {
    // The pidfd of the dead stays readable: with it there would be no sleep.
    if (polled.size() < kMaxPolled && source->pidfd() >= 0 && source->alive()) {
      polled.push_back({source->pidfd(), POLLIN, 0});
    }
  }
  const auto timeout = std::chrono::duration_cast<milliseconds>(pause(busy));
  ::poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
}

}  // namespace llmo::session
