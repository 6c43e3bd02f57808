// llmobserve html: traces as one page that a browser shows.
#include "exporters/cli/html_command.h"

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/trace_input.h"
#include "exporters/console/terminal.h"
#include "exporters/console/text.h"
#include "exporters/file/output_file.h"
#include "exporters/html/kept_spans.h"
#include "exporters/html/page_writer.h"
#include "exporters/input/span_input.h"

namespace llmo::cli {
namespace {

// Beyond, browsers give up before the page is shown.
constexpr std::size_t kMostSpans = 2'000'000;

constexpr const char* kFooter =
    "The page needs no network and no server: open it in a browser, send it to a colleague. It holds "
    "everything\n"
    "that the spans hold, so treat it as you treat the traces.\n"
    "Example: llmobserve html -o traces.html && xdg-open traces.html";

struct HtmlOptions {
  std::vector<std::string> paths;
  std::string output = "traces.html";
  std::size_t max_spans = 100'000;
};

// Names without their folders: the page may go to others.
std::vector<std::string> source_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    const std::filesystem::path plain = std::filesystem::path(path).lexically_normal();
    const std::filesystem::path last =
        plain.has_filename() ? plain.filename() : plain.parent_path().filename();
    names.push_back(path == "-" ? "standard input" : last.string());
  }
  return names;
}

std::uint64_t unix_nanos_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

void say_what_was_made(const HtmlOptions& options, const html::KeptSpans& kept,
                       const html::PageCounts& counts, std::uint64_t bytes) {
  say("{}: {} {} in {} {}, {:.1f} MB", options.output == "-" ? "the page" : options.output,
      console::format_count(counts.spans), counts.spans == 1 ? "span" : "spans",
      console::format_count(counts.traces), counts.traces == 1 ? "trace" : "traces",
      static_cast<double>(bytes) / 1e6);
  if (kept.left_out_spans() != 0) {
    say("{} older spans were left out; --max-spans takes more", console::format_count(kept.left_out_spans()));
  }
}

int write_output(const HtmlOptions& options, html::KeptSpans& kept, const html::PageOrigin& origin) {
  file::OutputFile file;
  html::PageCounts counts;
  const html::PageSink sink = [&file](std::string_view piece) { return file.write(piece); };
  if (!file.open(options.output) || !html::write_page(kept, origin, sink, counts) || !file.close()) {
    say("cannot write {}: {}", options.output, std::strerror(errno));
    return kExitNo;
  }
  say_what_was_made(options, kept, counts, file.size());
  return kExitOk;
}

int make_page(const HtmlOptions& options) {
  const TracePaths paths = trace_paths(options.paths);
  if (paths.all.empty()) {
    say_no_traces(paths.missing);
    return kExitNo;
  }
  html::KeptSpans kept(options.max_spans);
  input::InputOptions input_options;
  input_options.show_progress = console::is_terminal(STDERR_FILENO);
  const input::InputReport report =
      input::read_spans(paths.all, input_options, [&kept](Span&& span) { kept.add(span); });
  say_problems(report);
  kept.finish();
  if (kept.spans().empty()) {
    if (report.problems.empty()) say("no spans in {}", fmt::to_string(fmt::join(paths.all, ", ")));
    return kExitNo;
  }
  const html::PageOrigin origin{source_names(paths.all), report.problems, unix_nanos_now(),
                                report.counts.damaged_lines, report.counts.damaged_spans};
  const int exit_code = write_output(options, kept, origin);
  return report.problems.empty() ? exit_code : kExitNo;
}

}  // namespace

void add_html_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<HtmlOptions>();
  CLI::App* const command = app.add_subcommand(
      "html", "make one page of traces, with search, waterfalls and costs, that works offline");
  add_path_argument(*command, options->paths);
  command
      ->add_option("-o,--output", options->output, "the page, or - for standard output; default: traces.html")
      ->type_name("FILE");
  command
      ->add_option(
          "--max-spans", options->max_spans,
          fmt::format("keep the newest traces of at most so many spans; default: {}", options->max_spans))
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMostSpans).description(""));
  command->footer(kFooter);
  command->callback([options, &exit_code] { exit_code = make_page(*options); });
}

}  // namespace llmo::cli
