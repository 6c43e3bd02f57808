// The options that say which traces a view shows, the same for every command that has them.
#pragma once

#include "exporters/views/trace_filter.h"

namespace CLI {
class App;
}

namespace llmo::cli {

// `options` outlives `command`.
void add_filter_options(CLI::App& command, views::FilterOptions& options);

// What `--help` says about them together.
inline constexpr char kFilterHelp[] =
    "A trace is shown whole where one of its spans meets all conditions; --workflow says in which calls "
    "(and\n"
    "all beneath them) that span is to be looked for. Patterns are globs; one with :: is held against the\n"
    "qualified name. Options that take a pattern can be given several times: one of them has to match.";

}  // namespace llmo::cli
