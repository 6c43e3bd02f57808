#include "exporters/cli/trace_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdint>

#include "exporters/cli/messages.h"
#include "exporters/console/terminal.h"
#include "exporters/console/text.h"
#include "exporters/session/recover.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

void say_no_spans(const input::InputReport& report, const std::vector<std::string>& paths) {
  const std::uint64_t damaged = report.counts.damaged_lines + report.counts.damaged_spans;
  const std::string left_out =
      damaged == 0 ? "" : fmt::format("; {} could not be read", console::format_count(damaged));
  say(fmt::format("no spans in {}{}", fmt::join(paths, ", "), left_out));
}

}  // namespace

void add_path_argument(CLI::App& command, std::vector<std::string>& paths) {
  command
      .add_option("path", paths,
                  "files of OTLP JSON or protobuf, also in gzip or\n"
                  "zstd, folders of them, sessions (folders below\n"
                  "LLMOBSERVE_JOURNAL_DIR), or - for standard input;\n"
                  "default: what runs now, and LLMOBSERVE_TRACE_DIR,\n"
                  "else ./llmobserve-traces")
      ->type_name("FILE|DIR");
}

// A span that is exported between two looks is missed by neither in this order.
std::vector<std::string> default_paths() {
  const config::Settings settings = config::read_settings_from_environment().settings;
  return {session::journal_directory(settings), settings.trace_dir};
}

TracePaths trace_paths(const std::vector<std::string>& given) {
  const auto exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  if (given.size() == 1 && given[0] != "-" && !exists(given[0])) return {{}, given[0]};
  if (!given.empty()) return {given, {}};
  TracePaths paths{default_paths(), default_paths().back()};
  std::erase_if(paths.all, [exists](const std::string& path) { return !exists(path); });
  return paths;
}

TraceInput read_traces(const TracePaths& paths, const views::TraceFilter& filter, views::CallGroups* groups) {
  TraceInput input;
  if (paths.all.empty()) {
    say_no_traces(paths.missing);
    return input;
  }
  const auto take = [&](Span&& span) {
    if (filter.leaves_out(span.trace_id)) return;
    input.spans.push_back(filter.summarise(span));
    if (groups != nullptr) input.spans.back().group = groups->group_of(span);
  };
  const input::InputOptions options{console::is_terminal(STDERR_FILENO)};
  static_cast<input::InputReport&>(input) = input::read_spans(paths.all, options, take);
  say_problems(input);
  if (input.spans.empty() && input.problems.empty()) say_no_spans(input, paths.all);
  return input;
}

void say_problems(const input::InputReport& report) {
  for (const std::string& problem : report.problems) say("{}", problem);
  for (const std::string& note : report.notes) say("{}", note);
}

void say_no_traces(const std::string& path) {
  say("there is no {}; `llmobserve run -- CMD` writes traces, and LLMOBSERVE_TRACE_DIR says where to", path);
}

void say_nothing_selected(std::size_t traces) {
  say("none of {} {} is as asked for", console::format_count(traces), traces == 1 ? "trace" : "traces");
}

}  // namespace llmo::cli
