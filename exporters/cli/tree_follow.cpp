#include "exporters/cli/tree_follow.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <utility>

#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/trace_input.h"
#include "exporters/console/console_exporter.h"
#include "exporters/console/terminal.h"
#include "exporters/console/trace_collector.h"
#include "exporters/input/follower.h"
#include "exporters/views/recent_ids.h"

namespace llmo::cli {
namespace {

using console::TraceCollector;

constexpr int kPauseMs = 250;
constexpr std::chrono::minutes kOldFile{10};  // a trace that still goes on has written since then
constexpr std::size_t kMostOpen = 5000;       // spans in the block; a terminal has fewer lines

volatile sig_atomic_t g_stop = 0;

void stop(int) { g_stop = 1; }

// Writes that find nobody to read fail rather than kill.
void handle_signals() {
  struct sigaction action {};
  action.sa_handler = stop;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

// Waits a moment; false where nobody will ever read what is printed.
bool pause_and_check() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, kPauseMs) <= 0 || (out.revents & (POLLERR | POLLNVAL)) == 0;
}

// The last lines on a terminal, which are drawn again and again.
class OpenBlock {
 public:
  explicit OpenBlock(bool wanted) : wanted_(wanted) {}

  bool wanted() const { return wanted_; }

  bool erase() {
    if (lines_ == 0) return true;
    const std::size_t lines = std::exchange(lines_, 0);
    return console::write_all(STDOUT_FILENO, fmt::format("\x1b[{}F\x1b[J", lines));
  }

  // As many lines as the terminal has room for.
  bool draw(std::string_view text) {
    const std::size_t rows = console::terminal_rows(STDOUT_FILENO);
    const std::size_t room = rows > 2 ? rows - 2 : 20;
    std::size_t end = 0;
    while (lines_ < room && end < text.size()) {
      end = text.find('\n', end) + 1;
      ++lines_;
    }
    std::string shown(text.substr(0, end));
    if (end < text.size()) {
      shown += "…\n";
      ++lines_;
    }
    return console::write_all(STDOUT_FILENO, shown);
  }

 private:
  bool wanted_;
  std::size_t lines_ = 0;
};

class Follow {
 public:
  explicit Follow(const FollowOptions& options)
      : options_(options), follower_(options.paths, kOldFile), block_(console::is_terminal(STDOUT_FILENO)) {}

  int run() {
    look();
    collector_.drop_rooted();
    while (g_stop == 0) {
      const auto finished = collector_.take_finished(TraceCollector::Clock::now());
      if (!print(finished) || !pause_and_check()) break;
      look();
    }
    block_.erase();
    return kExitOk;
  }

 private:
  void look() {
    open_.clear();
    const input::InputReport report = follower_.look([this](Span&& span) { take(span); });
    say_problems(report);
    for (const console::SpanSummary& span : open_) {
      collector_.keep_waiting(span.trace_id, TraceCollector::Clock::now());
    }
  }

  void take(const Span& span) {
    if (options_.filter.leaves_out(span.trace_id)) return;
    console::SpanSummary summary = options_.filter.summarise(span);
    if (summary.open) {
      if (open_.size() < kMostOpen) open_.push_back(std::move(summary));
    } else if (seen_.insert(span.trace_id, span.span_id)) {
      collector_.add(std::move(summary), TraceCollector::Clock::now());
    }
  }

  bool print(const std::vector<TraceCollector::Trace>& finished) {
    std::string text;
    for (const TraceCollector::Trace& trace : finished) text += drawn(trace);
    if (!block_.wanted()) return console::write_all(STDOUT_FILENO, text);
    return block_.erase() && console::write_all(STDOUT_FILENO, text) && block_.draw(drawn(unfinished()));
  }

  // The traces that have something open, with what of them has ended.
  TraceCollector::Trace unfinished() const {
    TraceCollector::Trace spans;
    std::set<std::pair<std::uint64_t, std::uint64_t>> traces;
    for (const console::SpanSummary& span : open_) {
      const bool fresh = traces.emplace(span.trace_id.high, span.trace_id.low).second;
      const TraceCollector::Trace* const ended = fresh ? collector_.find(span.trace_id) : nullptr;
      if (ended == nullptr) continue;
      const std::size_t count = std::min(ended->size(), kMostOpen - std::min(kMostOpen, spans.size()));
      spans.insert(spans.end(), ended->end() - static_cast<std::ptrdiff_t>(count), ended->end());
    }
    spans.insert(spans.end(), open_.begin(), open_.end());
    return spans;
  }

  std::string drawn(TraceCollector::Trace spans) const {
    console::ViewOptions view = options_.view();
    view.live = true;
    return console::draw_spans(std::move(spans), view,
                               [this](const console::Forest& forest, const console::TraceSlice& trace) {
                                 return options_.filter.takes(forest, trace);
                               });
  }

  const FollowOptions& options_;
  input::Follower follower_;
  TraceCollector collector_;
  views::RecentIds seen_;
  std::vector<console::SpanSummary> open_;
  OpenBlock block_;
};

}  // namespace

int follow_traces(const FollowOptions& options) {
  handle_signals();
  return Follow(options).run();
}

}  // namespace llmo::cli
