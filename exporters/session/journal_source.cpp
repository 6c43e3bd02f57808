#include "exporters/session/journal_source.h"

#include <signal.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "exporters/session/left_out_calls.h"
#include "exporters/session/pid_namespace.h"
#include "exporters/span/diagnostics.h"

namespace llmo::session {
namespace {

ProcessFacts facts_of(const JournalHeader& header) {
  return {header.pid,
          header.parent_pid,
          header.process_start,
          header.process_unix_nanos,
          header.opened.unix_nanos,
          header.executable};
}

journal::EndKind end_kind_of(journal::ProcessState state) {
  switch (state) {
    case journal::ProcessState::kRunning:
      return journal::EndKind::kKilled;
    case journal::ProcessState::kExiting:
      return journal::EndKind::kProcessExit;
    case journal::ProcessState::kQuickExiting:
      return journal::EndKind::kQuickExit;
    case journal::ProcessState::kImmediateExiting:
      return journal::EndKind::kImmediateExit;
    case journal::ProcessState::kAborting:
      return journal::EndKind::kAbort;
    case journal::ProcessState::kTerminating:
      return journal::EndKind::kTerminate;
    case journal::ProcessState::kExecuting:
      return journal::EndKind::kExec;
  }
  return journal::EndKind::kKilled;
}

// Calls `visit` for each open span, once an id.
template <typename Visit>
std::size_t for_each_open(const std::vector<Extent>& open, Visit visit) {
  std::unordered_set<std::uint64_t> seen;
  std::size_t damaged = 0;
  const auto once = [&](const auto& span) {
    if (seen.insert(span.span_id).second) visit(span);
  };
  for (const Extent& extent : open) {
    damaged += decode_open(extent, {[&](const RawCall& call) { once(call); },  //
                                    [&](const RawSpan& span) { once(span); }});
  }
  return damaged;
}

// Spans are large: moving them as their list grows would cost more than making them.
void make_room(const std::vector<Extent>& extents, std::vector<Span>& spans) {
  std::size_t needed = spans.size();
  for (const Extent& extent : extents) needed += extent.records;
  if (needed > spans.capacity()) spans.reserve(std::max(needed, 2 * spans.capacity()));
}

}  // namespace

JournalSource::JournalSource(std::string name, std::unique_ptr<JournalFile> file,
                             const SourceContext& context)
    : name_(std::move(name)),
      file_(std::move(file)),
      reader_(*file_),
      watch_(
          watch_process(file_->header().pid, file_->header().process_start, file_->header().pid_namespace)),
      process_(facts_of(file_->header())),
      clock_(file_->header().clock_kind, file_->header().opened,
             file_->header().clock_kind == journal::ClockKind::kTsc ? context.ticks_per_second : 0),
      resource_(make_resource(process_, context.service_name, context.resource_attributes,
                              context.tools.prices->origin.date)),
      notes_(context.notes),
      builder_(definitions_, clock_, resource_, context.tools),
      limits_(context.limits) {
  definitions_.look_again = [this] { look_for_definitions(); };
  alive();
}

bool JournalSource::alive() {
  if (gone_) return false;
  if (watch_.alive()) return seen_alive_ = true;
  gone_ = true;
  signal_ = watch_.fatal_signal();  // first of all: whoever waits for the process takes that away
  if (seen_alive_) gone_ticks_ = take_clock_pair(header().clock_kind).ticks;
  return false;
}

// exec leaves pid, start time and pidfd as they were, and the next program may be one that is not traced.
// What it never leaves is a mapping.
void JournalSource::look_for_exec() {
  const JournalCounters counters = file_->read_counters();
  if (counters.state != journal::ProcessState::kExecuting) return;
  if (watch_.has_mapped(name_) == false) replaced_at(counters.end_ticks);
}

void JournalSource::replaced_at(std::uint64_t ticks) {
  if (replaced_) return;
  replaced_ = gone_ = true;
  gone_ticks_ = ticks;
}

// Finding them takes a look at every block, and almost every record is of a function that is known.
void JournalSource::look_for_definitions() {
  if (!std::exchange(definitions_are_old_, false)) return;
  reader_.read_definitions(definitions_);
}

SpanSink JournalSource::builder_sink(Batch& batch) {
  return {[&](const RawCall& call) { add_span(builder_.build(call), batch); },
          [&](const RawSpan& span) { add_span(builder_.build(span), batch); }};
}

void JournalSource::add_span(Span&& span, Batch& batch) const {
  apply_limits(limits_, span);
  batch.spans.push_back(std::move(span));
}

void JournalSource::read(ReadBudget& budget, Batch& batch) {
  if (alive()) look_for_exec();
  const bool was_alive = alive();
  std::vector<Extent> extents;
  const bool saw_all = reader_.read_records(budget, extents);
  drained_ = !was_alive && saw_all && extents.empty();
  if (extents.empty()) return;

  // Both after the records: a record's function is described before it is published, and its ticks lie before
  // this instant.
  definitions_are_old_ = true;
  clock_.observe(take_clock_pair(header().clock_kind));
  JournalPart part = empty_part();
  const SpanSink sink = builder_sink(batch);
  make_room(extents, batch.spans);
  for (const Extent& extent : extents) {
    reader_.count_damaged(decode_records(extent, sink));
    part.progress.push_back({extent.block, extent.facts.generation, extent.end()});
  }
  batch.parts.push_back(std::move(part));
}

std::uint64_t JournalSource::last_sign_of_life(const std::vector<Extent>& open, std::uint64_t limit) const {
  std::uint64_t last = std::max(header().opened.ticks, reader_.last_end_ticks(limit));
  for_each_open(open, [&](const RawSpanBase& span) {
    if (span.start_ticks <= limit) last = std::max(last, span.start_ticks);
  });
  return last;
}

// As near to the truth as can be known: who ends on purpose left the time; a death that was seen has one; of
// a death before we looked, the last sign of life is what is left. Functions may have run on after exit() was
// called.
JournalSource::End JournalSource::end_of_process(const std::vector<Extent>& open) const {
  const JournalCounters counters = file_->read_counters();
  const journal::ClockPair now = take_clock_pair(header().clock_kind);
  // Ticks of the future are damage; after a reboot there is no telling.
  const std::uint64_t limit = now.ticks > header().opened.ticks ? now.ticks : UINT64_MAX;
  const std::uint64_t last = last_sign_of_life(open, limit);
  if (counters.state != journal::ProcessState::kRunning) {
    const std::uint64_t ended = counters.end_ticks <= limit ? counters.end_ticks : 0;
    return {std::max(last, ended), end_kind_of(counters.state)};
  }
  const std::uint64_t gone = std::max(last, gone_ticks_);
  if (replaced_) return {gone, journal::EndKind::kExec};
  // SIGKILL is what nobody can do anything about: the word for it is older than this list.
  const bool known = signal_ != 0 && signal_ != SIGKILL;
  return {gone, known ? journal::EndKind::kSignal : journal::EndKind::kKilled, signal_};
}

std::size_t JournalSource::close_open_spans(const std::vector<Extent>& open, const End& end, Batch& batch) {
  std::unordered_set<std::uint64_t> ids;
  for_each_open(open, [&](const RawSpanBase& span) { ids.insert(span.span_id); });
  const auto published = reader_.published(ids);

  std::size_t closed = 0;
  const std::size_t damaged = for_each_open(open, [&](const auto& span) {
    if (published.count(span.span_id) != 0) return;
    auto ended = span;
    ended.end_ticks = std::max(end.ticks, span.start_ticks);
    ended.end_kind = end.kind;
    ended.signal = end.signal;
    add_span(builder_.build(ended), batch);
    ++closed;
  });
  reader_.count_damaged(damaged);
  return closed;
}

void JournalSource::add_open(std::vector<OpenSpan>& open) const {
  const auto add = [&open](const RawSpanBase& span) {
    open.push_back({span.span_id, span.parent_span_id, (span.flags & journal::kFlagParentRemote) != 0});
  };
  const SpanSink sink{[&](const RawCall& call) { add(call); },  //
                      [&](const RawSpan& span) { add(span); },
                      [&](std::uint64_t parent) {
                        open.push_back({0, parent, false});
                      }};
  for (const Extent& extent : reader_.read_open()) decode_open(extent, sink);
}

void JournalSource::add_open_spans(Batch& batch) {
  const std::vector<Extent> open = reader_.read_open();
  reader_.read_definitions(definitions_);
  const journal::ClockPair now = take_clock_pair(header().clock_kind);
  clock_.observe(now);
  for_each_open(open, [&](const auto& span) {
    auto until_now = span;
    until_now.end_ticks = std::max(now.ticks, span.start_ticks);
    add_span(builder_.build(until_now), batch);
  });
}

std::size_t JournalSource::close(Batch& batch, std::uint64_t undecided) {
  reader_.read_definitions(definitions_);
  clock_.observe(take_clock_pair(header().clock_kind));
  const std::vector<Extent> open = reader_.read_open();
  const End end = end_of_process(open);
  const std::size_t closed = close_open_spans(open, end, batch);

  const JournalCounters counters = file_->read_counters();
  Losses losses{counters.lost_spans,      counters.lost_frames, counters.lost_definitions,
                counters.lost_attributes, reader_.damaged(),    undecided};
  losses.left_out = left_out_calls(*file_, definitions_, clock_);
  std::vector<std::string> notes = definitions_.notes;
  notes.insert(notes.end(), notes_.begin(), notes_.end());
  auto diagnostics = make_diagnostics(process_, resource_, losses, notes, clock_.unix_nanos(end.ticks));
  if (diagnostics) batch.spans.push_back(std::move(*diagnostics));
  JournalPart part = empty_part();
  part.closed = true;
  batch.parts.push_back(std::move(part));
  return closed;
}

void JournalSource::apply(const JournalPart& part) {
  for (const BlockProgress& progress : part.progress) reader_.commit(progress);
  if (reader_.has_much_to_free()) reader_.free_done_blocks();
}

}  // namespace llmo::session
