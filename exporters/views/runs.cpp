#include "exporters/views/runs.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "exporters/console/tree_walk.h"

namespace llmo::views {
namespace {

using console::Forest;
using console::TraceSlice;
using console::TreeNode;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// Parents before their children.
std::vector<std::uint32_t> order_of(const Forest& forest, const TraceSlice& trace) {
  std::vector<std::uint32_t> order;
  order.reserve(trace.end_node - trace.first_node);
  for (console::TreeWalk walk(forest, trace, 0); !walk.done(); walk.next()) order.push_back(walk.index());
  return order;
}

// When the first token of each subtree came, by node from the trace's first; kNever without any.
std::vector<std::uint64_t> first_tokens(const Forest& forest, const TraceSlice& trace,
                                        const std::vector<std::uint32_t>& order) {
  std::vector<std::uint64_t> first(trace.end_node - trace.first_node, kNever);
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    const TreeNode& node = forest.nodes[*at];
    std::uint64_t& own = first[*at - trace.first_node];
    if (node.span.first_token_nanos != 0) {
      own = std::min(own, node.span.start_unix_nanos + node.span.first_token_nanos);
    }
    if (node.parent == TreeNode::kNil) continue;
    std::uint64_t& above = first[node.parent - trace.first_node];
    above = std::min(above, own);
  }
  return first;
}

// Which kinds the spans above the one at hand have.
class KindsAbove {
 public:
  // Goes to a span at `depth`; what was entered there or deeper is left.
  void go_to(std::size_t depth) {
    for (; entered_.size() > depth; entered_.pop_back()) {
      if (entered_.back()) --open_[*entered_.back()];
    }
  }
  bool has(std::uint32_t kind) const { return kind < open_.size() && open_[kind] != 0; }
  void enter(std::optional<std::uint32_t> kind) {
    if (kind && *kind >= open_.size()) open_.resize(*kind + 1);
    if (kind) ++open_[*kind];
    entered_.push_back(kind);
  }

 private:
  std::vector<std::uint32_t> open_;  // by kind
  std::vector<std::optional<std::uint32_t>> entered_;
};

}  // namespace

void for_each_run(const Forest& forest, const TraceSlice& trace, const KindOf& kind_of,
                  const VisitRun& visit) {
  const std::vector<std::uint64_t> first = first_tokens(forest, trace, order_of(forest, trace));
  KindsAbove above;
  for (console::TreeWalk walk(forest, trace, 0); !walk.done(); walk.next()) {
    const TreeNode& node = forest.nodes[walk.index()];
    const std::optional<std::uint32_t> kind = kind_of(node);
    above.go_to(walk.depth());
    if (kind && !above.has(*kind)) {
      const std::uint64_t token = first[walk.index() - trace.first_node];
      const bool streamed = token != kNever && token >= node.span.start_unix_nanos;
      visit(*kind, {node, streamed ? std::optional(token - node.span.start_unix_nanos) : std::nullopt});
    }
    above.enter(kind);
  }
}

void for_each_deepest(const Forest& forest, const TraceSlice& trace,
                      const std::function<void(const TreeNode&)>& visit) {
  const std::vector<std::uint32_t> order = order_of(forest, trace);
  std::vector<bool> has_below(order.size());
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    const TreeNode& node = forest.nodes[*at];
    const bool below = has_below[*at - trace.first_node];
    if (node.span.group != 0 && !below) visit(node);
    if (node.parent == TreeNode::kNil) continue;
    if (below || node.span.group != 0) has_below[node.parent - trace.first_node] = true;
  }
}

}  // namespace llmo::views
