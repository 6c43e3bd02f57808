#include "exporters/cli/top_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/filter_options.h"
#include "exporters/cli/option_values.h"
#include "exporters/cli/trace_input.h"
#include "exporters/console/terminal.h"
#include "exporters/views/usage.h"
#include "exporters/views/usage_report.h"

namespace llmo::cli {
namespace {

constexpr const char* kFooter =
    "A workflow's numbers include all that runs beneath it, so shares may add up to more than 100 %; a call "
    "of\n"
    "a workflow within itself is counted once. ttft is the time from the start of a run to the first token "
    "in\n"
    "it. Percentiles are exact up to 100 000 runs, and within 0.8 % beyond. What is still open counts, but "
    "not\n"
    "its time.\n"
    "Example: llmobserve top --by p95 --since 1d\n\n";

struct TopOptions {
  std::vector<std::string> paths;
  views::FilterOptions filter;
  views::UsageOrder order = views::UsageOrder::kCost;
  console::ColourWish colour = console::ColourWish::kAuto;
  std::size_t rows = 0;
  bool json = false;
  bool wide = false;
};

std::string report_of(const views::Usage& usage, const TopOptions& options) {
  if (options.json) return views::usage_json(usage);
  const console::ViewOptions view = console::view_options(STDOUT_FILENO, options.colour);
  return views::usage_text(usage, {options.wide ? 0 : view.width, view.colour, options.rows});
}

int show_top(const TopOptions& options) {
  views::CallGroups groups;
  const views::TraceFilter filter(options.filter);
  TraceInput input = read_traces(trace_paths(options.paths), filter, &groups);
  const bool complete = input.problems.empty();
  if (input.spans.empty()) return kExitNo;
  const console::Forest forest = console::build_forest(std::move(input.spans));
  views::UsageCounter counter(groups);
  const std::vector<console::TraceSlice> traces = filter.select(forest);
  for (const console::TraceSlice& trace : traces) counter.add(forest, trace);
  if (traces.empty()) {
    say_nothing_selected(forest.traces.size());
    return kExitNo;
  }
  const bool written = console::write_all(STDOUT_FILENO, report_of(counter.usage(options.order), options));
  return written && complete ? kExitOk : kExitNo;
}

}  // namespace

void add_top_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<TopOptions>();
  CLI::App* const command =
      app.add_subcommand("top", "say which workflows and models take time, tokens and money");
  add_path_argument(*command, options->paths);
  const std::map<std::string, views::UsageOrder> orders = {{"cost", views::UsageOrder::kCost},
                                                           {"calls", views::UsageOrder::kCalls},
                                                           {"p95", views::UsageOrder::kP95},
                                                           {"errors", views::UsageOrder::kErrors},
                                                           {"tokens", views::UsageOrder::kTokens}};
  add_choice(*command, "--by", options->order, orders,
             "what to sort by: cost (default), calls, p95, errors or tokens")
      ->type_name("WHAT");
  command->add_option("--rows", options->rows, "show at most so many of each")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--json", options->json, "print all as one JSON object");
  command->add_flag("--wide", options->wide, "do not cut lines at the width of the terminal");
  add_filter_options(*command, options->filter);
  add_colour_option(*command, options->colour);
  command->footer(std::string(kFooter) + kFilterHelp);
  command->callback([options, &exit_code] { exit_code = show_top(*options); });
}

}  // namespace llmo::cli
