// llmobserve tree: traces as trees.
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/trace_input.h"
#include "exporters/cli/tree_printer.h"
#include "exporters/console/terminal.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

struct TreeOptions {
  std::vector<std::string> paths;
  console::ColourWish colour = console::ColourWish::kAuto;
  bool wide = false;
};

int show_tree(TreeOptions options) {
  if (options.paths.empty()) options.paths = {config::read_settings_from_environment().settings.trace_dir};
  if (::access(options.paths[0].c_str(), F_OK) != 0 && options.paths.size() == 1 && options.paths[0] != "-") {
    say("there is no {}; `llmobserve run -- CMD` writes traces, and LLMOBSERVE_TRACE_DIR says where to",
        options.paths[0]);
    return kExitNo;
  }
  TraceInput input = read_traces(options.paths, console::is_terminal(STDERR_FILENO));
  for (const std::string& problem : input.problems) say("{}", problem);
  const bool complete = input.problems.empty();
  if (input.spans.empty()) {
    if (complete) say(fmt::format("no spans in {}", fmt::join(options.paths, ", ")));
    return kExitNo;
  }
  console::ViewOptions view = console::view_options(STDOUT_FILENO, options.colour);
  if (options.wide) view.width = 0;
  return print_trees(std::move(input), view, STDOUT_FILENO) && complete ? kExitOk : kExitNo;
}

}  // namespace

void add_tree_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<TreeOptions>();
  CLI::App* const command = app.add_subcommand("tree", "show traces as trees, newest last");
  command
      ->add_option("path", options->paths,
                   "files of OTLP JSON lines, folders of them, or - for standard input; default: "
                   "LLMOBSERVE_TRACE_DIR, else ./llmobserve-traces")
      ->type_name("FILE|DIR");
  add_colour_option(*command, options->colour);
  command->add_flag("--wide", options->wide, "do not cut lines at the width of the terminal");
  command->callback([options, &exit_code] { exit_code = show_tree(*options); });
}

}  // namespace llmo::cli
