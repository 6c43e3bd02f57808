// Visits the spans of a trace in the order in which a tree shows them, without recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "exporters/console/trace_tree.h"

namespace llmo::console {

// The forest outlives the walk.
class TreeWalk {
 public:
  // `max_indent`: levels that are drawn; a deeper span is drawn at that level, with its depth told.
  TreeWalk(const Forest& forest, const TraceSlice& trace, std::size_t max_indent);

  bool done() const { return root_ == trace_.end_root; }
  void next();

  std::uint32_t index() const { return node_; }
  std::size_t depth() const { return depth_; }
  // The lines to the left of the node, `│  └─ `.
  std::string branch() const;
  // Its width in columns, without making it.
  std::size_t branch_width() const;

 private:
  const TreeNode& at(std::uint32_t node) const { return forest_.nodes[node]; }
  void enter_root();
  void down();
  bool up();

  const Forest& forest_;
  const TraceSlice& trace_;
  std::size_t max_indent_;
  std::uint32_t root_;
  std::uint32_t node_ = TreeNode::kNil;
  std::size_t depth_ = 0;
  std::string rails_;  // of the levels above the node: `│  ` or three blanks each
};

}  // namespace llmo::console
