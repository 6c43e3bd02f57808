// Prints the trees of a set of traces to a descriptor.
#pragma once

#include "exporters/cli/trace_input.h"
#include "exporters/console/tree_view.h"

namespace llmo::cli {

// Takes the spans out of `input`. Says on standard error what was damaged or there twice. Returns false where
// the descriptor could not be written to.
bool print_trees(TraceInput input, const console::ViewOptions& options, int fd);

}  // namespace llmo::cli
