// One process of a session: its journal, its life, its spans.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporters/session/batch.h"
#include "exporters/session/journal_file.h"
#include "exporters/session/journal_reader.h"
#include "exporters/session/keep_filter.h"
#include "exporters/session/process_watch.h"
#include "exporters/span/clock.h"
#include "exporters/span/definitions.h"
#include "exporters/span/resource.h"
#include "exporters/span/span_builder.h"
#include "exporters/span/span_limits.h"

namespace llmo::session {

// What all sources of a session share.
struct SourceContext {
  std::string service_name;
  std::string resource_attributes;
  std::uint64_t ticks_per_second = 0;  // this machine's TSC
  BuilderTools tools{};                // its prices are never null in use
  SpanLimits limits{};
  std::vector<std::string>
      notes{};  // what the exporter itself has to say, in the diagnostics of each process
};

class JournalSource {
 public:
  // `name` is the journal's file name within the session.
  JournalSource(std::string name, std::unique_ptr<JournalFile> file, const SourceContext& context);
  JournalSource(const JournalSource&) = delete;
  JournalSource& operator=(const JournalSource&) = delete;

  const std::string& name() const { return name_; }
  const JournalHeader& header() const { return file_->header(); }
  std::uint32_t blocks() const { return file_->read_counters().blocks; }
  std::uint64_t damaged() const { return reader_.damaged(); }
  int pidfd() const { return watch_.pidfd(); }
  bool alive();
  // It is at its end, and may be waiting for what it has recorded to get out.
  bool ending() const { return file_->read_counters().state != journal::ProcessState::kRunning; }

  // The process has become another program by exec, which keeps a journal of its own from `ticks` on.
  void replaced_at(std::uint64_t ticks);

  // Adds the spans of new records and a part for them, as far as the budget goes.
  void read(ReadBudget& budget, Batch& batch);

  // Adds what is open by now, and what threads and tasks have as context.
  void add_open(std::vector<OpenSpan>& open) const;

  // Adds what is open as spans that end now, for those who look on. Some of them may have a record by the
  // time that read() is called: those had ended.
  void add_open_spans(Batch& batch);

  // The process was gone before the last read(), and that found nothing more.
  bool drained() const { return drained_; }

  // Adds what the end of the process leaves: the spans that were open, the diagnostics, and a part that says
  // that this is all. `undecided`: as the diagnostics have it. Returns how many spans were open.
  std::size_t close(Batch& batch, std::uint64_t undecided);

  // Marks a part as consumed and gives blocks back.
  void apply(const JournalPart& part);

 private:
  struct End {
    std::uint64_t ticks = 0;
    journal::EndKind kind = journal::EndKind::kKilled;
    int signal = 0;
  };

  JournalPart empty_part() const { return {name_, header().opened.ticks, false, {}}; }
  void look_for_exec();
  void look_for_definitions();
  SpanSink builder_sink(Batch& batch);
  void add_span(Span&& span, Batch& batch) const;
  std::uint64_t last_sign_of_life(const std::vector<Extent>& open, std::uint64_t limit) const;
  End end_of_process(const std::vector<Extent>& open) const;
  std::size_t close_open_spans(const std::vector<Extent>& open, const End& end, Batch& batch);

  std::string name_;
  std::unique_ptr<JournalFile> file_;
  JournalReader reader_;
  ProcessWatch watch_;
  ProcessFacts process_;
  TickClock clock_;
  Definitions definitions_;
  std::shared_ptr<const Resource> resource_;
  std::vector<std::string> notes_;
  SpanBuilder builder_;
  SpanLimits limits_;
  bool definitions_are_old_ = true;  // since the last look, records have been read
  bool drained_ = false;
  bool seen_alive_ = false;
  bool gone_ = false;
  bool replaced_ = false;
  std::uint64_t gone_ticks_ = 0;  // when it was seen to end; 0: it had ended before we looked
  int signal_ = 0;                // what it died of, where that is known
};

}  // namespace llmo::session
