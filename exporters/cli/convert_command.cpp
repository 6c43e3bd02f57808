#include "exporters/cli/convert_command.h"

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/trace_input.h"
#include "exporters/console/terminal.h"
#include "exporters/console/text.h"
#include "exporters/convert/converter.h"
#include "exporters/convert/span_key.h"
#include "exporters/input/span_input.h"

namespace llmo::cli {
namespace {

constexpr const char* kFooter =
    "otlp-json      requests, one a line, as trace files have them\n"
    "otlp-protobuf  one request (ExportTraceServiceRequest, TracesData)\n"
    "perfetto       Perfetto's own trace format, for ui.perfetto.dev; takes the most spans\n"
    "chrome         trace events in JSON, for chrome://tracing, ui.perfetto.dev, speedscope\n"
    "csv            a row a span; the columns' names are in the first line. A text that a spreadsheet\n"
    "               would take for a formula has a ' before it\n"
    "Viewers draw each thread on a track of its own; spans of a thread that overlap (coroutines, transfers\n"
    "side by side) are on further ones, (2), (3) and so on. Arrows lead to spans that began elsewhere.\n"
    "Example: llmobserve convert --to perfetto -o run.pftrace llmobserve-traces/agent-*.jsonl";

struct ConvertOptions {
  std::vector<std::string> paths;
  std::string format;
  std::string output = "-";
};

convert::FormatInfo format_named(const std::string& name) {
  const auto formats = convert::formats();
  for (const convert::FormatInfo& format : formats) {
    if (format.name == name) return format;
  }
  return formats.front();  // the command line takes no other name
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const convert::FormatInfo& format : convert::formats()) names.emplace_back(format.name);
  return names;
}

int cannot_write(const std::string& output) {
  say("cannot write {}: {}", output == "-" ? "standard output" : output, std::strerror(errno));
  return kExitNo;
}

// A session may hold spans that are in a file by now, and two paths may lead to one file.
class Doubles {
 public:
  explicit Doubles(bool possible) : possible_(possible) {}
  bool seen(const Span& span) {
    return possible_ && !keys_.insert(convert::span_key(span.trace_id, span.span_id)).second;
  }

 private:
  bool possible_;
  std::unordered_set<std::uint64_t> keys_;
};

bool is_one_file(const std::vector<std::string>& paths) {
  return paths.size() == 1 && (paths[0] == "-" || ::access((paths[0] + "/.").c_str(), F_OK) != 0);
}

void say_what_was_read(const input::InputReport& report) {
  say_problems(report);
  const std::uint64_t damaged = report.counts.damaged_lines + report.counts.damaged_spans;
  if (damaged != 0) say("{} damaged lines or spans were left out", console::format_count(damaged));
}

int convert_traces(const ConvertOptions& options) {
  const convert::FormatInfo format = format_named(options.format);
  if (!format.is_text && options.output == "-" && console::is_terminal(STDOUT_FILENO)) {
    say("{} is nothing for a terminal; -o FILE says where to", format.name);
    return kExitUsage;
  }
  const TracePaths paths = trace_paths(options.paths);
  if (paths.all.empty()) {
    say_no_traces(paths.missing);
    return kExitNo;
  }
  convert::OutputFile output;
  if (!output.open(options.output)) return cannot_write(options.output);
  const std::unique_ptr<convert::SpanSink> sink = convert::make_sink(format.format, output);
  if (!sink) return cannot_write(output.directory());

  std::uint64_t spans = 0;
  Doubles doubles(!format.minds_doubles && !is_one_file(paths.all));
  const input::InputReport report =
      input::read_spans(paths.all, {console::is_terminal(STDERR_FILENO)}, [&](Span&& span) {
        if (doubles.seen(span)) return;
        ++spans;
        sink->take(std::move(span));
      });
  say_what_was_read(report);
  if (spans == 0) {
    if (report.problems.empty()) say(fmt::format("no spans in {}", fmt::join(paths.all, ", ")));
    return kExitNo;
  }
  if (!sink->finish() || !output.finish()) return cannot_write(options.output);
  return report.problems.empty() ? kExitOk : kExitNo;
}

}  // namespace

void add_convert_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ConvertOptions>();
  CLI::App* const command =
      app.add_subcommand("convert", "convert traces: OTLP, Perfetto, Chrome trace events, CSV");
  add_path_argument(*command, options->paths);
  command->add_option("--to", options->format, "the format to convert to")
      ->required()
      ->check(CLI::IsMember(format_names()))
      ->type_name("FORMAT");
  command->add_option("-o,--output", options->output, "the file to write (0600), or - for standard output")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback([options, &exit_code] { exit_code = convert_traces(*options); });
}

}  // namespace llmo::cli
