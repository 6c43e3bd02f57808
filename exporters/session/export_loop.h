// The life of an exporter in its session: find journals, read, commit, close what is dead, end.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "exporters/session/batch.h"
#include "exporters/session/commit.h"
#include "exporters/session/exporter.h"
#include "exporters/session/journal_source.h"
#include "exporters/session/keep_filter.h"
#include "exporters/session/log.h"
#include "exporters/session/session_directory.h"

namespace llmo::session {

struct LoopOptions {
  bool once = false;
  bool keep_api = false;  // LLMOBSERVE_KEEP
  std::chrono::milliseconds linger{100};
  std::chrono::milliseconds give_up_after{5000};  // on a directory that cannot be removed
  // How long spans may wait for others to fill a batch, where a destination is remote; and how many bytes of
  // records may wait then.
  std::chrono::milliseconds schedule_delay{0};
  std::size_t most_bytes_waiting = 1 << 20;
  std::function<bool()> stop_requested{};
};

class ExportLoop {
 public:
  // All are the caller's and outlive the loop.
  ExportLoop(SessionDirectory& directory, Committer& committer, const SourceContext& context, Log& log,
             LoopOptions options);

  ExportReport run();

 private:
  using Clock = std::chrono::steady_clock;

  bool discover();
  void add_journal(const std::string& name);
  void add_unfinished(const std::string& name);
  void note_exec(JournalSource& added);
  void settle();
  void drop(const std::string& name);

  bool pump();
  bool read_batch();
  void add(Batch&& fresh);
  bool due() const;
  bool commit_batch();
  void tell_problem();
  bool close_dead();
  bool close_one(JournalSource& source);

  struct OpenNow {
    std::vector<OpenSpan> spans;
    std::uint64_t taken = 0;
  };
  std::optional<OpenNow> look_up_open();
  void decide_waiting(const OpenNow& open);

  bool all_dead() const;
  bool any_ending() const;
  bool given_up() const;
  bool lingered();
  bool stuck() const;
  bool end();
  void wait(bool busy);
  Clock::duration pause(bool busy);
  ExportReport stop();
  ExportReport finish(ExportEnd end, const std::string& problem);

  SessionDirectory& directory_;
  Committer& committer_;
  const SourceContext& context_;
  Log& log_;
  LoopOptions options_;
  const std::size_t most_sources_;
  std::map<std::string, std::unique_ptr<JournalSource>> sources_;  // by file name
  std::set<std::string> foreign_;                                  // journals that are not for this program
  std::string next_source_;                                        // whose turn it is
  Batch batch_;                                                    // read and not yet out
  ReadBudget budget_;                                              // what may still come into it
  Clock::time_point batch_since_{};                                // when its first span came
  bool unsent_ = false;                                            // it was tried to get it out
  KeepFilter keep_;                                                // holds nothing where all is kept
  bool caught_up_ = false;  // the last pump() found the end of all journals
  Clock::time_point next_decision_{};
  std::uint64_t batch_closes_ = 0;  // open spans in it
  ExportReport report_;
  bool problem_told_ = false;  // kProblemName is there
  bool stopping_ = false;
  Clock::time_point empty_since_{};
  std::chrono::milliseconds interval_{5};
};

}  // namespace llmo::session
