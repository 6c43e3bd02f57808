#include "exporters/views/recent_ids.h"

namespace llmo::views {

// Span ids are random and unique in a trace; two traces that share one differ in their own ids.
bool RecentIds::insert(const TraceId& trace, std::uint64_t span_id) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const std::uint64_t key = span_id * kOdd + (trace.low ^ trace.high * kOdd);
  if (!known_.insert(key).second) return false;
  order_.push_back(key);
  if (order_.size() > kMost) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace llmo::views
