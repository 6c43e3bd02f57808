// Spans put into trees: who is whose child, in which order, and what each subtree sums up to.
//
// The input may be anything: children before parents, parents that are not there, the same span twice, spans
// that are each other's parents, chains a hundred thousand deep. Nothing here recurses, and all of it takes
// O(n log n).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "exporters/console/span_summary.h"

namespace llmo::console {

struct Tokens {
  std::uint64_t input = 0;
  std::uint64_t output = 0;
  std::uint64_t cached = 0;  // of the input

  std::uint64_t all() const { return input + output; }
  Tokens& operator+=(const Tokens& other) {
    input += other.input;
    output += other.output;
    cached += other.cached;
    return *this;
  }
};

// Summed over the deepest spans that carry each: a client span above another one is not a second call, and
// tokens told by both are counted once.
struct Totals {
  std::uint64_t calls = 0;
  std::uint64_t failed_calls = 0;
  std::optional<Tokens> tokens;
  std::optional<double> cost_usd;
};

// Why a node stands at the top of its tree. The page of traces (html/page/store.js) has words in this order.
enum class RootKind : std::uint8_t {
  kNone,           // it has a parent
  kRoot,           // it never had one
  kRemoteParent,   // the parent is in another process or service and not in the input
  kMissingParent,  // the parent should have been in the input
  kOpenParent,     // the parent has not ended yet, and comes when it has
  kCycle,          // it is its own ancestor; the earliest span of the circle is made its top
};

struct TreeNode {
  static constexpr std::uint32_t kNil = std::numeric_limits<std::uint32_t>::max();

  SpanSummary span;
  Totals totals;
  std::uint32_t parent = kNil;
  std::uint32_t first_child = kNil;  // children by start time
  std::uint32_t next_sibling = kNil;
  std::uint32_t thread_number = 0;  // within its process and trace, from 1 by first appearance; 0: not known
  RootKind root = RootKind::kNone;
};

// One trace: its nodes are `nodes[first_node, end_node)`, its tops `roots[first_root, end_root)`.
struct TraceSlice {
  std::uint32_t first_node = 0;
  std::uint32_t end_node = 0;
  std::uint32_t first_root = 0;
  std::uint32_t end_root = 0;
};

struct Forest {
  std::vector<TreeNode> nodes;       // by trace, then by start time
  std::vector<std::uint32_t> roots;  // by trace, then by start time
  std::vector<TraceSlice> traces;    // by the start of their first span: newest last
  std::size_t duplicates = 0;        // spans left out because a later one in the input had the same ids
};

// At most 2^32 - 2 spans; what is beyond is left out.
Forest build_forest(std::vector<SpanSummary> spans);

}  // namespace llmo::console
