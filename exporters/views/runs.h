// The runs in a trace: spans of one kind, each with all beneath it.
//
// A run within a run of the same kind is part of that one: what calls itself, or is called by its like, is
// counted once.
//
//   research_agent            a run of research_agent
//   ├─ plan_agent             a run of plan_agent, and part of the run above
//   │  └─ research_agent      part of both, and no run of its own
//   └─ llm.request            part of the first run
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "exporters/console/trace_tree.h"

namespace llmo::views {

struct TracedRun {
  const console::TreeNode& node;
  // From its start to the first token that a call in it, or it itself, got.
  std::optional<std::uint64_t> first_token_after;
};

// The kind of a span: a small number, or nothing where it is no run.
using KindOf = std::function<std::optional<std::uint32_t>(const console::TreeNode&)>;
using VisitRun = std::function<void(std::uint32_t kind, const TracedRun& run)>;

// Time: linear in the spans of the trace, and in the greatest kind.
void for_each_run(const console::Forest& forest, const console::TraceSlice& trace, const KindOf& kind_of,
                  const VisitRun& visit);

// The deepest spans that have a group (SpanSummary::group), such as calls: what stands above one with a group
// tells of the same call again.
void for_each_deepest(const console::Forest& forest, const console::TraceSlice& trace,
                      const std::function<void(const console::TreeNode&)>& visit);

}  // namespace llmo::views
