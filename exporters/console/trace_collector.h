// Spans on their way to becoming whole traces.
//
// Spans come as they end: children before parents, those of other threads and processes later than the root.
// No message says that a trace is whole, so it counts as whole when its root is there and nothing more has
// come for a short while. Time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporters/console/span_summary.h"

namespace llmo::console {

class TraceCollector {
 public:
  using Clock = std::chrono::steady_clock;
  using Trace = std::vector<SpanSummary>;

  // How long a trace has to be quiet to count as whole, by what is at its top.
  static constexpr std::chrono::milliseconds kRootQuiet{250};
  static constexpr std::chrono::seconds kRemoteRootQuiet{
      2};  // its caller may still run, as part of this session
  static constexpr std::chrono::minutes kRootlessQuiet{2};  // the root is open, or lost
  // A trace that goes on and on without a root, as that of a server may, comes piece by piece.
  static constexpr std::chrono::minutes kLongestWait{10};
  // Spans kept at most; beyond, the trace that would come next comes now.
  static constexpr std::size_t kMaxSpans = 200'000;

  void add(SpanSummary span, Clock::time_point now);

  // Something of the trace is open: if it is here, it is not whole before it has been quiet from now on.
  void keep_waiting(const TraceId& id, Clock::time_point now);

  // What is collected of a trace; null where that is nothing. Until the next call of a function here.
  const Trace* find(const TraceId& id) const;

  // Throws away the traces that have their root: they were whole before anybody looked.
  void drop_rooted();

  // The traces that are whole at `now`, earliest first.
  std::vector<Trace> take_finished(Clock::time_point now);

  // All that is left, whole or not.
  std::vector<Trace> take_all();

  // When take_finished() will next have something, if nothing more comes.
  std::optional<Clock::time_point> next_due() const;

 private:
  struct HashTrace {
    std::size_t operator()(const TraceId& id) const { return id.low ^ id.high * 31; }
  };
  struct Pending {
    Trace spans;
    Clock::time_point begun;
    Clock::time_point due;
    std::chrono::milliseconds quiet = kRootlessQuiet;
  };

  void set_due(const TraceId& id, Pending& trace, Clock::time_point due);
  Trace take_first();

  std::unordered_map<TraceId, Pending, HashTrace> traces_;
  std::set<std::pair<Clock::time_point, TraceId>> by_due_;
  std::size_t spans_ = 0;
};

}  // namespace llmo::console
