// Prints the trees of a set of traces to a descriptor.
#pragma once

#include "exporters/cli/trace_input.h"
#include "exporters/console/tree_view.h"

namespace llmo::cli {

// Takes the spans out of `input` and prints the traces that the filter takes. Says on standard error what was
// damaged or there twice, and where the filter takes none. Returns false where the descriptor could not be
// written to, or nothing was printed.
bool print_trees(TraceInput input, const views::TraceFilter& filter, const console::ViewOptions& options,
                 int fd);

}  // namespace llmo::cli
