// One destination other than the file, as the export loop sees it: whether it takes spans, how long it has
// not, when to try again, and what becomes of all that in the log and in the report.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exporters/session/log.h"
#include "exporters/span/exporter.h"

namespace llmo::session {

// How long a destination may fail once all processes of the session have ended.
struct Patience {
  std::chrono::milliseconds local{5000};
  std::chrono::milliseconds remote{60000};
};

// What reports call the file by, which is no Exporter.
inline constexpr char kFileDestination[] = "file";

// What a session's exporter says of one destination.
struct DestinationReport {
  std::string name;
  ExportCounts counts;
  std::uint64_t lost_batches = 0;  // that were in a file and could not be read from it again
  bool behind = false;             // it has not taken all
  std::string problem;             // the last one; empty where there was none
};

class Destination {
 public:
  using Clock = std::chrono::steady_clock;

  // `log` is the caller's and outlives this.
  Destination(std::unique_ptr<Exporter> exporter, Log& log, const Patience& patience);

  std::string name() const { return exporter_->name(); }
  bool remote() const { return exporter_->remote(); }

  // Hands a batch over. False: it was not taken, or not whole; the same one comes again when it is due().
  bool send(std::span<const Span> spans);

  bool due(Clock::time_point now) const { return now >= next_try_; }
  Clock::time_point next_try() const { return next_try_; }

  bool failing() const { return failing_since_ != Clock::time_point{}; }
  // It has failed for as long as anybody waits for it.
  bool given_up(Clock::time_point now) const { return failing() && now - failing_since_ >= patience_; }
  const std::string& problem() const { return problem_; }  // the last one

  void count_lost_batch() { ++lost_batches_; }
  DestinationReport report() const;
  void end_of_session();

 private:
  void succeeded();
  void failed();
  void tell_warning(bool at_end);

  std::unique_ptr<Exporter> exporter_;
  Log& log_;
  std::chrono::milliseconds patience_;
  Clock::time_point failing_since_{};
  Clock::time_point next_try_{};
  std::chrono::milliseconds pause_{};
  std::string problem_;
  std::string told_problem_;  // what the log has of the failure under way
  Clock::time_point next_warning_{};
  std::string warning_;              // that waits for its time
  std::uint64_t warnings_held_ = 0;  // which stands for so many
  std::uint64_t taken_ = 0;
  std::uint64_t lost_batches_ = 0;
};

}  // namespace llmo::session
