#include "exporters/console/trace_tree.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace llmo::console {
namespace {

constexpr std::uint32_t kNil = TreeNode::kNil;

// Ids come from outside and may be chosen to collide under a plain hash, hence the mixing (a Murmur3
// finaliser).
std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  return value ^ value >> 33;
}

struct HashTrace {
  std::size_t operator()(const TraceId& id) const { return mix(id.high ^ mix(id.low)); }
};

struct SpanKey {
  TraceId trace;
  std::uint64_t span = 0;
  friend bool operator==(const SpanKey&, const SpanKey&) = default;
};

struct HashSpan {
  std::size_t operator()(const SpanKey& key) const { return mix(key.span + HashTrace{}(key.trace)); }
};

SpanKey key_of(const SpanSummary& span) { return {span.trace_id, span.span_id}; }

// A span told twice is told better the second time (open first, then finished), so the later one stays.
std::size_t drop_duplicates(std::vector<SpanSummary>& spans) {
  std::unordered_map<SpanKey, std::size_t, HashSpan> seen;
  seen.reserve(spans.size());
  std::size_t kept = 0;
  for (std::size_t index = 0; index < spans.size(); ++index) {
    const auto [place, fresh] = seen.try_emplace(key_of(spans[index]), kept);
    const std::size_t target = fresh ? kept++ : place->second;
    if (target != index) spans[target] = std::move(spans[index]);
  }
  const std::size_t dropped = spans.size() - kept;
  spans.resize(kept);
  return dropped;
}

using TraceStarts = std::unordered_map<TraceId, std::uint64_t, HashTrace>;

TraceStarts starts_of(const std::vector<SpanSummary>& spans) {
  TraceStarts starts;
  for (const SpanSummary& span : spans) {
    const auto [place, fresh] = starts.try_emplace(span.trace_id, span.start_unix_nanos);
    if (!fresh) place->second = std::min(place->second, span.start_unix_nanos);
  }
  return starts;
}

// Sorts places instead of spans: a span is large, and a sort moves things often.
std::vector<TreeNode> sorted_nodes(std::vector<SpanSummary> spans) {
  struct Place {
    std::uint64_t trace_start;
    TraceId trace;
    std::uint64_t start;
    std::size_t index;
    bool operator<(const Place& other) const {
      return std::tie(trace_start, trace, start, index) <
             std::tie(other.trace_start, other.trace, other.start, other.index);
    }
  };
  const TraceStarts starts = starts_of(spans);
  std::vector<Place> places;
  places.reserve(spans.size());
  for (std::size_t index = 0; index < spans.size(); ++index) {
    const SpanSummary& span = spans[index];
    places.push_back({starts.at(span.trace_id), span.trace_id, span.start_unix_nanos, index});
  }
  std::sort(places.begin(), places.end());

  std::vector<TreeNode> nodes(spans.size());
  for (std::size_t index = 0; index < places.size(); ++index) {
    nodes[index].span = std::move(spans[places[index].index]);
  }
  return nodes;
}

void find_parents(std::vector<TreeNode>& nodes) {
  std::unordered_map<SpanKey, std::uint32_t, HashSpan> places;
  places.reserve(nodes.size());
  for (std::uint32_t index = 0; index < nodes.size(); ++index)
    places.emplace(key_of(nodes[index].span), index);

  for (TreeNode& node : nodes) {
    if (node.span.parent_span_id == 0) {
      node.root = RootKind::kRoot;
      continue;
    }
    const auto parent = places.find({node.span.trace_id, node.span.parent_span_id});
    if (parent != places.end()) {
      node.parent = parent->second;
    } else {
      node.root = node.span.remote_parent ? RootKind::kRemoteParent : RootKind::kMissingParent;
    }
  }
}

// Follows parents from every node, each node once. A path that meets itself is a circle; it is cut above its
// earliest span, which is the one with the smallest index.
void cut_cycles(std::vector<TreeNode>& nodes) {
  std::vector<std::uint32_t> walked_by(nodes.size(), kNil);
  for (std::uint32_t start = 0; start < nodes.size(); ++start) {
    std::uint32_t at = start;
    while (at != kNil && walked_by[at] == kNil) {
      walked_by[at] = start;
      at = nodes[at].parent;
    }
    if (at == kNil || walked_by[at] != start) continue;
    std::uint32_t top = at;
    for (std::uint32_t next = nodes[at].parent; next != at; next = nodes[next].parent)
      top = std::min(top, next);
    nodes[top].parent = kNil;
    nodes[top].root = RootKind::kCycle;
  }
}

// Backwards, so that pushing to the front leaves each list in order of start.
void link_children(std::vector<TreeNode>& nodes) {
  for (auto index = static_cast<std::uint32_t>(nodes.size()); index-- > 0;) {
    const std::uint32_t parent = nodes[index].parent;
    if (parent == kNil) continue;
    nodes[index].next_sibling = nodes[parent].first_child;
    nodes[parent].first_child = index;
  }
}

// Parents before children, roots first.
std::vector<std::uint32_t> top_down_order(const std::vector<TreeNode>& nodes) {
  std::vector<std::uint32_t> order;
  order.reserve(nodes.size());
  for (std::uint32_t index = 0; index < nodes.size(); ++index) {
    if (nodes[index].parent == kNil) order.push_back(index);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (auto child = nodes[order[at]].first_child; child != kNil; child = nodes[child].next_sibling) {
      order.push_back(child);
    }
  }
  return order;
}

template <typename Number>
void add(std::optional<Number>& sum, const std::optional<Number>& part) {
  if (!part) return;
  if (!sum) sum.emplace();
  *sum += *part;
}

std::optional<Tokens> own_tokens(const SpanSummary& span) {
  if (!span.input_tokens && !span.output_tokens) return std::nullopt;
  return Tokens{span.input_tokens.value_or(0), span.output_tokens.value_or(0), span.cached_tokens};
}

void sum_up(std::vector<TreeNode>& nodes) {
  const std::vector<std::uint32_t> order = top_down_order(nodes);
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    TreeNode& node = nodes[*at];
    Totals& totals = node.totals;
    if (totals.calls == 0 && node.span.is_call) {
      totals.calls = 1;
      totals.failed_calls = node.span.failed ? 1 : 0;
    }
    if (!totals.tokens) totals.tokens = own_tokens(node.span);
    if (!totals.cost_usd) totals.cost_usd = node.span.cost_usd;
    if (node.parent == kNil) continue;
    Totals& above = nodes[node.parent].totals;
    above.calls += totals.calls;
    above.failed_calls += totals.failed_calls;
    add(above.tokens, totals.tokens);
    add(above.cost_usd, totals.cost_usd);
  }
}

void number_threads(std::vector<TreeNode>& nodes, const TraceSlice& trace) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint32_t> numbers;
  std::map<std::int64_t, std::uint32_t> threads_of;
  for (std::uint32_t index = trace.first_node; index < trace.end_node; ++index) {
    const SpanSummary& span = nodes[index].span;
    if (span.thread == 0) continue;
    const auto [place, fresh] = numbers.try_emplace({span.process, span.thread}, 0);
    if (fresh) place->second = ++threads_of[span.process];
    nodes[index].thread_number = place->second;
  }
}

std::uint32_t end_of_trace(const std::vector<TreeNode>& nodes, std::uint32_t first) {
  std::uint32_t end = first;
  while (end < nodes.size() && nodes[end].span.trace_id == nodes[first].span.trace_id) ++end;
  return end;
}

void slice_traces(Forest& forest) {
  for (std::uint32_t first = 0; first < forest.nodes.size();) {
    TraceSlice trace;
    trace.first_node = first;
    trace.end_node = end_of_trace(forest.nodes, first);
    trace.first_root = static_cast<std::uint32_t>(forest.roots.size());
    for (std::uint32_t index = first; index < trace.end_node; ++index) {
      if (forest.nodes[index].parent == kNil) forest.roots.push_back(index);
    }
    trace.end_root = static_cast<std::uint32_t>(forest.roots.size());
    number_threads(forest.nodes, trace);
    forest.traces.push_back(trace);
    first = trace.end_node;
  }
}

}  // namespace

Forest build_forest(std::vector<SpanSummary> spans) {
  if (spans.size() >= kNil) spans.resize(kNil - 1);
  Forest forest;
  forest.duplicates = drop_duplicates(spans);
  forest.nodes = sorted_nodes(std::move(spans));
  find_parents(forest.nodes);
  cut_cycles(forest.nodes);
  link_children(forest.nodes);
  sum_up(forest.nodes);
  slice_traces(forest);
  return forest;
}

}  // namespace llmo::console
