// A trace drawn as a tree, a line a span:
//
//   workflow.research_agent                                   2.41 s   3 calls  1 942 tokens  $0.0113
//   ├─ llm.request      openai gpt-4o-mini   chat             0.83 s   ttft 0.21 s   812 → 96 tokens
//   ├─ pinecone.query   index "docs" top_k 5                  0.06 s
//   └─ llm.request      anthropic claude-…   chat  (thread 2) 1.37 s   ERROR 429 rate_limit_error,
//   retry-after 2 s
//
//   └──────┬──────────┘ └───────┬────────┘   └┬─┘  └───┬────┘ └─┬──┘
//   └────────────────────┬──────────────────┘
//         name               subject       operation  note   duration                      tail
//
// A cell is padded only where a later one of the same line needs it, so a long name runs on over empty cells.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "exporters/console/trace_tree.h"

namespace llmo::console {

struct ViewOptions {
  bool colour = false;
  bool live = false;      // parents that are missing have not ended yet
  std::size_t width = 0;  // columns of the terminal, lines are made to fit; 0: as long as they are
};

// Takes the text piece by piece; a piece ends with a line end.
using Sink = std::function<void(std::string_view)>;

// Draws one trace of the forest. Time: linear in its spans. Memory: a line.
void draw_trace(const Forest& forest, const TraceSlice& trace, const ViewOptions& options, const Sink& sink);

}  // namespace llmo::console
