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
  if (fresh) trace.begun = now;
  trace.quiet = std::min(trace.quiet, quiet_after(span));
  trace.spans.push_back(std::move(span));
  set_due(id, trace, std::min(now + trace.quiet, trace.begun + kLongestWait));
  ++spans_;
}

void TraceCollector::keep_waiting(const TraceId& id, Clock::time_point now) {
  const auto place = traces_.find(id);
  if (place != traces_.end()) set_due(id, place->second, now + kRootlessQuiet);
}

const TraceCollector::Trace* TraceCollector::find(const TraceId& id) const {
  const auto place = traces_.find(id);
  return place == traces_.end() ? nullptr : &place->second.spans;
}

void TraceCollector::drop_rooted() {
  std::erase_if(traces_, [this](const auto& entry) {
    const Pending& trace = entry.second;
    if (trace.quiet >= kRootlessQuiet) return false;
    by_due_.erase({trace.due, entry.first});
    spans_ -= trace.spans.size();
    return true;
  });
}

void TraceCollector::set_due(const TraceId& id, Pending& trace, Clock::time_point due) {
  by_due_.erase({trace.due, id});
  trace.due = due;
  by_due_.emplace(due, id);
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
