#include "exporters/console/tree_walk.h"

#include <string_view>

namespace llmo::console {
namespace {

constexpr std::uint32_t kNil = TreeNode::kNil;
constexpr std::size_t kLevelWidth = 3;
constexpr std::string_view kRail = "│  ";
constexpr std::string_view kNoRail = "   ";

std::string depth_mark(std::size_t depth) { return "(depth " + std::to_string(depth) + ") "; }

}  // namespace

TreeWalk::TreeWalk(const Forest& forest, const TraceSlice& trace, std::size_t max_indent)
    : forest_(forest), trace_(trace), max_indent_(max_indent), root_(trace.first_root) {
  enter_root();
}

void TreeWalk::next() {
  if (at(node_).first_child != kNil) {
    down();
    return;
  }
  while (at(node_).next_sibling == kNil) {
    if (!up()) {
      ++root_;
      enter_root();
      return;
    }
  }
  node_ = at(node_).next_sibling;
}

void TreeWalk::enter_root() {
  depth_ = 0;
  rails_.clear();
  if (!done()) node_ = forest_.roots[root_];
}

// A root has no rail: its children stand at the left edge.
void TreeWalk::down() {
  if (depth_ > 0 && depth_ < max_indent_) rails_ += at(node_).next_sibling == kNil ? kNoRail : kRail;
  node_ = at(node_).first_child;
  ++depth_;
}

bool TreeWalk::up() {
  if (at(node_).parent == kNil) return false;
  node_ = at(node_).parent;
  --depth_;
  if (depth_ > 0 && depth_ < max_indent_) {
    rails_.resize(rails_.size() - (at(node_).next_sibling == kNil ? kNoRail : kRail).size());
  }
  return true;
}

std::string TreeWalk::branch() const {
  if (depth_ == 0) return {};
  std::string out = rails_ + (at(node_).next_sibling == kNil ? "└─ " : "├─ ");
  if (depth_ > max_indent_) out += depth_mark(depth_);
  return out;
}

std::size_t TreeWalk::branch_width() const {
  if (depth_ <= max_indent_) return depth_ * kLevelWidth;
  return max_indent_ * kLevelWidth + depth_mark(depth_).size();
}

}  // namespace llmo::console
