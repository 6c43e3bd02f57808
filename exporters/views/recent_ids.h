// Which spans have been seen: the same one may come from a session and from the file that it is exported to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

#include "exporters/span/span.h"

namespace llmo::views {

// Of the last so many spans.
class RecentIds {
 public:
  static constexpr std::size_t kMost = 1'000'000;

  // False where the span is known.
  bool insert(const TraceId& trace, std::uint64_t span_id);

 private:
  std::unordered_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;  // oldest first
};

}  // namespace llmo::views
