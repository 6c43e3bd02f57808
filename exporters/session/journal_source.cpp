#include "exporters/session/journal_source.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

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

}  // namespace

JournalSource::JournalSource(std::string name, std::unique_ptr<JournalFile> file,
                             const SourceContext& context)
    : name_(std::move(name)),
      file_(std::move(file)),
      reader_(*file_),
      watch_(file_->header().pid, file_->header().process_start),
      process_(facts_of(file_->header())),
      clock_(file_->header().clock_kind, file_->header().opened,
             file_->header().clock_kind == journal::ClockKind::kTsc ? context.ticks_per_second : 0),
      resource_(make_resource(process_, context.service_name, context.resource_attributes,
                              context.prices->origin.date)),
      notes_(context.notes),
      builder_(definitions_, clock_, resource_, context.source_lookup, context.prices) {
  alive();
}

bool JournalSource::alive() {
  if (gone_) return false;
  if (watch_.alive()) return seen_alive_ = true;
  gone_ = true;
  if (seen_alive_) gone_ticks_ = take_clock_pair(header().clock_kind).ticks;
  return false;
}

void JournalSource::replaced_at(std::uint64_t ticks) {
  if (replaced_) return;
  replaced_ = gone_ = true;
  gone_ticks_ = ticks;
}

SpanSink JournalSource::builder_sink(Batch& batch) {
  return {[&](const RawCall& call) { batch.spans.push_back(builder_.build(call)); },
          [&](const RawSpan& span) { batch.spans.push_back(builder_.build(span)); }};
}

void JournalSource::read(ReadBudget& budget, Batch& batch) {
  const bool was_alive = alive();
  std::vector<Extent> extents;
  const bool saw_all = reader_.read_records(budget, extents);
  drained_ = !was_alive && saw_all && extents.empty();
  if (extents.empty()) return;

  // Both after the records: a record's function is described before it is published, and its ticks lie before
  // this instant.
  reader_.read_definitions(definitions_);
  clock_.observe(take_clock_pair(header().clock_kind));
  JournalPart part = empty_part();
  const SpanSink sink = builder_sink(batch);
  for (const Extent& extent : extents) {
    reader_.count_damaged(decode_records(extent, sink));
    part.progress.push_back({extent.block, extent.facts.generation, extent.end()});
  }
  batch.parts.push_back(std::move(part));
}

// As near to the truth as can be known: exit() left its time; a death that was seen has one; of a death
// before we looked, the last sign of life is what is left. Functions may have run on after exit() was called.
JournalSource::End JournalSource::end_of_process(const std::vector<Extent>& open) const {
  const JournalCounters counters = file_->read_counters();
  const journal::ClockPair now = take_clock_pair(header().clock_kind);
  // Ticks of the future are damage; after a reboot there is no telling.
  const std::uint64_t limit = now.ticks > header().opened.ticks ? now.ticks : UINT64_MAX;
  std::uint64_t last = std::max(header().opened.ticks, reader_.last_end_ticks(limit));
  for_each_open(open, [&](const RawSpanBase& span) {
    if (span.start_ticks <= limit) last = std::max(last, span.start_ticks);
  });
  if (counters.state == journal::ProcessState::kExiting) {
    const std::uint64_t exited = counters.end_ticks <= limit ? counters.end_ticks : 0;
    return {std::max(last, exited), journal::EndKind::kProcessExit};
  }
  const auto kind = replaced_ ? journal::EndKind::kProcessExit : journal::EndKind::kKilled;
  return {std::max(last, gone_ticks_), kind};
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
    batch.spans.push_back(builder_.build(ended));
    ++closed;
  });
  reader_.count_damaged(damaged);
  return closed;
}

std::size_t JournalSource::close(Batch& batch) {
  reader_.read_definitions(definitions_);
  clock_.observe(take_clock_pair(header().clock_kind));
  const std::vector<Extent> open = reader_.read_open();
  const End end = end_of_process(open);
  const std::size_t closed = close_open_spans(open, end, batch);

  const JournalCounters counters = file_->read_counters();
  const Losses losses{counters.lost_spans, counters.lost_frames, counters.lost_definitions,
                      counters.lost_attributes, reader_.damaged()};
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
  reader_.free_done_blocks();
}

}  // namespace llmo::session
