#include "exporters/session/destination.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace llmo::session {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{5000};
constexpr std::chrono::seconds kWarningInterval{30};

double seconds(Destination::Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Destination::Destination(std::unique_ptr<Exporter> exporter, Log& log, const Patience& patience)
    : exporter_(std::move(exporter)),
      log_(log),
      patience_(exporter_->remote() ? patience.remote : patience.local) {}

bool Destination::send(std::span<const Span> spans) {
  const bool taken = exporter_->export_batch(spans);
  tell_warning(false);
  if (taken) {
    taken_ += spans.size();
    succeeded();
  } else {
    failed();
  }
  return taken;
}

void Destination::succeeded() {
  if (failing()) {
    log_.info(
        fmt::format("{} takes spans again, after {:.1f} s", name(), seconds(Clock::now() - failing_since_)));
  }
  failing_since_ = next_try_ = {};
  pause_ = {};
  told_problem_.clear();
}

// One failure after the other is one failure to who reads the log, unless it is another one.
void Destination::failed() {
  const auto now = Clock::now();
  if (!failing()) failing_since_ = now;
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  const milliseconds asked = exporter_->retry_in();
  next_try_ = now + (asked > milliseconds::zero() ? asked : pause_);
  problem_ = exporter_->problem();
  if (problem_.empty()) problem_ = name() + " does not take spans";
  if (std::exchange(told_problem_, problem_) != problem_) {
    log_.warn(fmt::format("{}: {}; it is tried again", name(), problem_));
  }
}

void Destination::tell_warning(bool at_end) {
  if (std::string warning = exporter_->take_warning(); !warning.empty()) {
    warning_ = std::move(warning);
    ++warnings_held_;
  }
  const auto now = Clock::now();
  if (warnings_held_ == 0 || (!at_end && now < next_warning_)) return;
  next_warning_ = now + kWarningInterval;
  const std::string more =
      warnings_held_ > 1 ? fmt::format(" (the last of {} warnings)", warnings_held_) : std::string();
  log_.warn(fmt::format("{}: {}{}", name(), warning_, more));
  warnings_held_ = 0;
}

DestinationReport Destination::report() const {
  DestinationReport report{name(), exporter_->counts(), lost_batches_, false, problem_};
  // One that keeps no count refuses nothing.
  if (report.counts.exported == 0 && report.counts.dropped == 0) report.counts.exported = taken_;
  return report;
}

void Destination::end_of_session() {
  exporter_->end_of_session();
  tell_warning(true);
}

}  // namespace llmo::session
