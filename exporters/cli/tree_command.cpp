// llmobserve tree: traces as trees.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/filter_options.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/trace_input.h"
#include "exporters/cli/tree_follow.h"
#include "exporters/cli/tree_printer.h"
#include "exporters/console/terminal.h"

namespace llmo::cli {
namespace {

struct TreeOptions {
  std::vector<std::string> paths;
  views::FilterOptions filter;
  console::ColourWish colour = console::ColourWish::kAuto;
  bool wide = false;
  bool follow = false;
};

console::ViewOptions view_of(const TreeOptions& options) {
  console::ViewOptions view = console::view_options(STDOUT_FILENO, options.colour);
  if (options.wide) view.width = 0;
  return view;
}

// Folders that are not there yet may come.
int follow(const TreeOptions& options, const views::TraceFilter& filter) {
  const auto is_stdin = [](const std::string& path) { return path == "-"; };
  if (std::any_of(options.paths.begin(), options.paths.end(), is_stdin)) {
    say("tree --follow looks at files and folders, not at standard input");
    return kExitUsage;
  }
  const std::vector<std::string> paths = options.paths.empty() ? default_paths() : options.paths;
  return follow_traces({paths, filter, [&options] { return view_of(options); }});
}

int show_tree(const TreeOptions& options) {
  const views::TraceFilter filter(options.filter);
  if (options.follow) return follow(options, filter);
  TraceInput input = read_traces(trace_paths(options.paths), filter);
  if (input.spans.empty()) return kExitNo;
  const bool complete = input.problems.empty();
  return print_trees(std::move(input), filter, view_of(options), STDOUT_FILENO) && complete ? kExitOk
                                                                                            : kExitNo;
}

}  // namespace

void add_tree_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<TreeOptions>();
  CLI::App* const command = app.add_subcommand("tree", "show traces as trees, newest last");
  add_path_argument(*command, options->paths);
  add_filter_options(*command, options->filter);
  add_colour_option(*command, options->colour);
  command->add_flag("--wide", options->wide, "do not cut lines at the width of the terminal");
  command->add_flag("-f,--follow", options->follow,
                    "go on, and show each trace when it is at its end; on a terminal, also what is open "
                    "until then");
  command->footer(std::string(kFilterHelp) +
                  "\nExample: llmobserve tree --workflow 'research_*' --errors --since 1h");
  command->callback([options, &exit_code] { exit_code = show_tree(*options); });
}

}  // namespace llmo::cli
