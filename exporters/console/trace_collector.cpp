#include "exporters/console/trace_collector.h"

#include <algorithm>

namespace llmo::console {
namespace {

std::chrono::milliseconds quiet_after(const SpanSummary& span) {
  if (span.parent_span_id == 0) return TraceCollector::kRootQuiet;
  return span.remote_parent ? TraceCollector::kRemoteRootQuiet : TraceCollector::kRootlessQuiet;
}

}  // namespace

void TraceCollector::add(SpanSummary span, Clock::time_point now) {
  const TraceId id = span.trace_id;
  const auto [place, fresh] = traces_.try_emplace(id);
  Pending& trace = place->second;
  if (!fresh) by_due_.erase({trace.due, id});
  trace.quiet = std::min(trace.quiet, quiet_after(span));
  trace.due = now + trace.quiet;
  trace.spans.push_back(std::move(span));
  by_due_.emplace(trace.due, id);
  ++spans_;
}

std::vector<TraceCollector::Trace> TraceCollector::take_finished(Clock::time_point now) {
  std::vector<Trace> finished;
  while (!by_due_.empty() && (by_due_.begin()->first <= now || spans_ > kMaxSpans)) {
    finished.push_back(take_first());
  }
  return finished;
}

std::vector<TraceCollector::Trace> TraceCollector::take_all() {
  std::vector<Trace> all;
  while (!by_due_.empty()) all.push_back(take_first());
  return all;
}

std::optional<TraceCollector::Clock::time_point> TraceCollector::next_due() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

TraceCollector::Trace TraceCollector::take_first() {
  const auto place = traces_.find(by_due_.begin()->second);
  by_due_.erase(by_due_.begin());
  Trace spans = std::move(place->second.spans);
  traces_.erase(place);
  spans_ -= spans.size();
  return spans;
}

}  // namespace llmo::console
