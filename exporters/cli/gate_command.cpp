#include "exporters/cli/gate_command.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/filter_options.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/option_values.h"
#include "exporters/cli/trace_input.h"
#include "exporters/console/terminal.h"
#include "exporters/console/text.h"
#include "exporters/views/gate.h"
#include "exporters/views/text_table.h"
#include "exporters/views/time_text.h"

namespace llmo::cli {
namespace {

constexpr const char* kFooter =
    "A run is the outermost call that --workflow names, with all beneath it; without --workflow, a trace.\n"
    "Exit code 0: all limits are kept; 1: one is passed, something that has a limit is not known, or there\n"
    "are too few runs; 2: wrong usage. For several workflows, call it once for each.\n"
    "Example: llmobserve gate --workflow 'research_*' --max-cost 0.05 --max-p95 2s --max-errors 0 "
    "traces/\n\n";

struct GateOptions {
  std::vector<std::string> paths;
  views::FilterOptions filter;
  views::GateLimits limits;
  std::uint64_t min_runs = 1;
  console::ColourWish colour = console::ColourWish::kAuto;
  bool json = false;
};

struct Verdict {
  views::RunStats runs;
  std::vector<views::GateCheck> checks;
  bool enough = false;  // runs

  bool passed() const {
    return enough &&
           std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.passed; });
  }
};

std::string table_of(const Verdict& verdict, std::size_t width, bool colour) {
  views::Table table{{{"limit"}, {"measured"}, {"at most"}, {"result"}}, {}};
  for (const views::GateCheck& check : verdict.checks) {
    table.rows.push_back({check.what, check.measured.empty() ? "not known" : check.measured, check.limit,
                          check.passed ? "PASS" : "FAIL"});
  }
  return views::draw_table(table, width, colour);
}

std::string text_of(const Verdict& verdict, const GateOptions& options) {
  const console::ViewOptions view = console::view_options(STDOUT_FILENO, options.colour);
  std::string text = table_of(verdict, view.width, view.colour);
  const std::string runs =
      fmt::format("{} {}", console::format_count(verdict.runs.runs), verdict.runs.runs == 1 ? "run" : "runs");
  if (!verdict.enough) return text + fmt::format("FAIL: {}, wanted {} at least\n", runs, options.min_runs);
  return text + fmt::format("{}: {}\n", verdict.passed() ? "PASS" : "FAIL", runs);
}

std::string json_of(const Verdict& verdict, const GateOptions& options) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  out.Key("passed");
  out.Bool(verdict.passed());
  out.Key("runs");
  out.Uint64(verdict.runs.runs);
  out.Key("min_runs");
  out.Uint64(options.min_runs);
  out.Key("checks");
  out.StartArray();
  for (const views::GateCheck& check : verdict.checks) {
    out.StartObject();
    out.Key("what");
    out.String(check.what.c_str());
    out.Key("measured");
    check.value ? out.Double(*check.value) : out.Null();
    out.Key("limit");
    out.Double(check.most);
    out.Key("passed");
    out.Bool(check.passed);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + '\n';
}

// What could not be read may be what would have failed.
int run_gate(const GateOptions& options) {
  if (options.limits.empty()) {
    say("gate needs a limit, such as --max-cost or --max-errors; `llmobserve gate --help` lists them");
    return kExitUsage;
  }
  const views::TraceFilter filter(options.filter);
  TraceInput input = read_traces(trace_paths(options.paths), filter);
  const bool complete = input.problems.empty();
  const console::Forest forest = console::build_forest(std::move(input.spans));
  Verdict verdict;
  verdict.runs = views::gate_runs(forest, filter.select(forest), options.filter.workflows.empty());
  verdict.checks = views::check_limits(verdict.runs, options.limits);
  verdict.enough = verdict.runs.runs >= options.min_runs;
  const std::string report = options.json ? json_of(verdict, options) : text_of(verdict, options);
  const bool written = console::write_all(STDOUT_FILENO, report);
  return written && complete && verdict.passed() ? kExitOk : kExitNo;
}

std::optional<double> parse_amount(std::string text) {
  if (text.starts_with('$')) text.erase(0, 1);
  double amount = 0;
  if (!CLI::detail::lexical_cast(text, amount) || !std::isfinite(amount) || amount < 0) return std::nullopt;
  return amount;
}

// `1%` or `0.01`.
std::optional<double> parse_rate(std::string text) {
  const bool percent = text.ends_with('%');
  if (percent) text.pop_back();
  const auto number = parse_amount(text);
  if (!number) return std::nullopt;
  const double rate = percent ? *number / 100 : *number;
  return rate <= 1 ? std::optional(rate) : std::nullopt;
}

constexpr const char* kAmount = "an amount like 0.05";
constexpr const char* kTime = "a time like 500ms, 2s or 1m";
constexpr const char* kRate = "a rate like 1% or 0.01";

// An option whose value `parse` understands, or refuses by giving nothing.
template <typename Value, typename Parse>
void add_limit(CLI::App& command, const char* name, std::optional<Value>& limit, Parse parse,
               const char* type, const char* wanted, const char* help) {
  command
      .add_option_function<std::string>(
          name,
          [&limit, parse, name, wanted](const std::string& text) {
            limit = parse(text);
            if (!limit) throw CLI::ValidationError(fmt::format("{}: {} is not {}", name, text, wanted));
          },
          help)
      ->type_name(type)
      ->group("Limits");
}

void add_limits(CLI::App& command, views::GateLimits& limits) {
  const auto count = [&command](const char* name, std::optional<std::uint64_t>& limit, const char* help) {
    command.add_option(name, limit, help)->type_name("N")->check(whole_number())->group("Limits");
  };
  add_limit(command, "--max-cost", limits.cost_usd, parse_amount, "USD", kAmount, "cost of each run");
  add_limit(command, "--max-total-cost", limits.total_cost_usd, parse_amount, "USD", kAmount,
            "cost of all runs");
  count("--max-tokens", limits.tokens, "tokens of each run, in and out");
  count("--max-total-tokens", limits.total_tokens, "tokens of all runs");
  add_limit(command, "--max-p50", limits.p50_nanos, views::parse_duration, "TIME", kTime,
            "median of the runs' times");
  add_limit(command, "--max-p95", limits.p95_nanos, views::parse_duration, "TIME", kTime,
            "time that 95 % of the runs keep");
  add_limit(command, "--max-latency", limits.latency_nanos, views::parse_duration, "TIME", kTime,
            "time of each run: 800ms, 2s");
  count("--max-errors", limits.errors, "runs that end in an error");
  add_limit(command, "--max-error-rate", limits.error_rate, parse_rate, "RATE", kRate,
            "the same, of all: 1% or 0.01");
  count("--max-failed-calls", limits.failed_calls, "API calls in the runs that fail");
}

}  // namespace

void add_gate_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<GateOptions>();
  CLI::App* const command =
      app.add_subcommand("gate", "fail where cost, time or errors pass a limit, for build servers");
  add_path_argument(*command, options->paths);
  add_limits(*command, options->limits);
  command->add_option("--min-runs", options->min_runs, "fail with fewer runs (default 1)")
      ->type_name("N")
      ->check(whole_number())
      ->group("Limits");
  command->add_flag("--json", options->json, "print the result as one JSON object");
  add_filter_options(*command, options->filter);
  add_colour_option(*command, options->colour);
  command->footer(std::string(kFooter) + kFilterHelp);
  command->callback([options, &exit_code] { exit_code = run_gate(*options); });
}

}  // namespace llmo::cli
