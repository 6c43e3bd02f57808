#include "exporters/convert/timeline.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace llmo::convert {
namespace {

// Slices by key.
class KeyIndex {
 public:
  // Of those with one key the first that has ended is taken, else the first.
  explicit KeyIndex(const std::vector<Slice>& slices) : slices_(slices), by_key_(slices.size()) {
    std::iota(by_key_.begin(), by_key_.end(), 0U);
    std::sort(by_key_.begin(), by_key_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(slices_[a].key, slices_[a].open, a) < std::tie(slices_[b].key, slices_[b].open, b);
    });
    by_key_.erase(
        std::unique(by_key_.begin(), by_key_.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return slices_[a].key == slices_[b].key; }),
        by_key_.end());
  }

  const std::vector<std::uint32_t>& all() const { return by_key_; }

  std::uint32_t find(std::uint64_t key) const {
    if (key == 0) return kNone;
    const auto found =
        std::lower_bound(by_key_.begin(), by_key_.end(), key,
                         [&](std::uint32_t slice, std::uint64_t k) { return slices_[slice].key < k; });
    return found != by_key_.end() && slices_[*found].key == key ? *found : kNone;
  }

 private:
  const std::vector<Slice>& slices_;
  std::vector<std::uint32_t> by_key_;
};

// How many ancestors each slice has; those in a circle have as many as come first.
std::vector<std::uint32_t> depths_of(const std::vector<std::uint32_t>& parents) {
  std::vector<std::uint32_t> depths(parents.size(), kNone);
  std::vector<std::uint32_t> path;
  for (std::uint32_t slice = 0; slice < parents.size(); ++slice) {
    std::uint32_t at = slice;
    for (; at != kNone && depths[at] == kNone; at = parents[at]) {
      depths[at] = 0;
      path.push_back(at);
    }
    std::uint32_t depth = at == kNone ? 0 : depths[at] + 1;
    for (; !path.empty(); path.pop_back()) depths[path.back()] = depth++;
  }
  return depths;
}

class LayoutMaker {
 public:
  LayoutMaker(const std::vector<Slice>& slices, const std::vector<SliceLink>& links)
      : slices_(slices), links_(links), index_(slices), parents_(slices.size(), kNone) {
    layout_.lanes.assign(slices.size(), kNone);
  }

  Layout make() {
    for (const std::uint32_t slice : index_.all()) parents_[slice] = index_.find(slices_[slice].parent);
    sort();
    for (const std::uint32_t slice : layout_.order) {
      place(slice);
      tie_to_parent(slice);
    }
    tie_links();
    return std::move(layout_);
  }

 private:
  using Ending = std::pair<std::uint64_t, std::uint32_t>;  // when, and which lane

  struct ThreadLanes {
    std::vector<std::uint32_t> lanes;
    std::set<std::uint32_t> free;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> busy;
  };

  void sort() {
    const std::vector<std::uint32_t> depths = depths_of(parents_);
    layout_.order = index_.all();
    std::sort(layout_.order.begin(), layout_.order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const Slice& first = slices_[a];
      const Slice& second = slices_[b];
      return std::tie(first.start_unix_nanos, second.end_unix_nanos, depths[a], a) <
             std::tie(second.start_unix_nanos, first.end_unix_nanos, depths[b], b);
    });
  }

  // The slice on top of a lane at a time; times only ever grow.
  std::uint32_t top_of(std::uint32_t lane, std::uint64_t now) {
    std::vector<std::uint32_t>& stack = stacks_[lane];
    while (!stack.empty() && slices_[stack.back()].end_unix_nanos <= now) stack.pop_back();
    return stack.empty() ? kNone : stack.back();
  }

  bool lies_on_parent(std::uint32_t slice) {
    const std::uint32_t parent = parents_[slice];
    if (parent == kNone || layout_.lanes[parent] == kNone) return false;
    const Slice& inner = slices_[slice];
    const Slice& outer = slices_[parent];
    return inner.thread == outer.thread && inner.end_unix_nanos <= outer.end_unix_nanos &&
           top_of(layout_.lanes[parent], inner.start_unix_nanos) == parent;
  }

  std::uint32_t free_lane(const Slice& slice) {
    ThreadLanes& thread = threads_[slice.thread];
    while (!thread.busy.empty() && thread.busy.top().first <= slice.start_unix_nanos) {
      thread.free.insert(thread.busy.top().second);
      thread.busy.pop();
    }
    if (thread.free.empty()) {
      const auto number = static_cast<std::uint32_t>(thread.lanes.size());
      thread.lanes.push_back(static_cast<std::uint32_t>(layout_.lane.size()));
      thread.free.insert(thread.lanes.back());
      layout_.lane.push_back({slice.thread, number});
      stacks_.emplace_back();
    }
    const std::uint32_t lane = *thread.free.begin();
    thread.free.erase(thread.free.begin());
    thread.busy.emplace(slice.end_unix_nanos, lane);
    stacks_[lane].clear();
    return lane;
  }

  void place(std::uint32_t slice) {
    const std::uint32_t lane =
        lies_on_parent(slice) ? layout_.lanes[parents_[slice]] : free_lane(slices_[slice]);
    layout_.lanes[slice] = lane;
    stacks_[lane].push_back(slice);
  }

  void tie_to_parent(std::uint32_t slice) {
    const std::uint32_t parent = parents_[slice];
    if (parent == kNone || parent == slice || layout_.lanes[parent] == layout_.lanes[slice]) return;
    const bool on_top = layout_.lanes[parent] != kNone &&
                        top_of(layout_.lanes[parent], slices_[slice].start_unix_nanos) == parent;
    layout_.arrows.push_back(
        {parent, slice, on_top ? slices_[slice].start_unix_nanos : slices_[parent].start_unix_nanos});
  }

  void tie_links() {
    for (const SliceLink& link : links_) {
      const std::uint32_t target = index_.find(link.target);
      if (target == kNone || target == link.from || layout_.lanes[link.from] == kNone) continue;
      layout_.arrows.push_back({target, link.from, slices_[target].start_unix_nanos});
    }
  }

  const std::vector<Slice>& slices_;
  const std::vector<SliceLink>& links_;
  KeyIndex index_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::vector<std::uint32_t>> stacks_;  // of each lane, what is under way
  std::unordered_map<std::uint32_t, ThreadLanes> threads_;
  Layout layout_;
};

}  // namespace

Layout lay_out(const std::vector<Slice>& slices, const std::vector<SliceLink>& links) {
  return LayoutMaker(slices, links).make();
}

}  // namespace llmo::convert
