// llmobserve run: a program under the library, from the preload to the last exported span.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "exporters/cli/child.h"
#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/exporter_choice.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/preload.h"
#include "exporters/cli/program_facts.h"
#include "exporters/cli/reasons.h"
#include "exporters/cli/session_dir.h"
#include "exporters/cli/session_drain.h"
#include "exporters/cli/trace_input.h"
#include "exporters/cli/tree_printer.h"
#include "exporters/session/recover.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

// As env(1), timeout(1) and their like use them.
constexpr int kExitOwnFault = 125;
constexpr int kExitCannotRun = 126;
constexpr int kExitNotFound = 127;

struct RunOptions {
  std::vector<std::string> command;
  std::string patterns;
  std::string exclude;
  std::string exporter;
  std::string trace_dir;
  std::string service;
  bool no_functions = false;
  bool tree = false;
  bool verbose = false;
  console::ColourWish colour = console::ColourWish::kAuto;
};

int exit_code_of(int exec_error) { return exec_error == ENOENT ? kExitNotFound : kExitCannotRun; }

int refuse(const std::string& command, int error) {
  say("cannot run {}: {}", command, std::strerror(error));
  return exit_code_of(error);
}

void set_where_given(const char* variable, const std::string& value) {
  if (!value.empty()) ::setenv(variable, value.c_str(), 1);
}

// Options are names for variables: from here on both are read alike, here and in the program.
void apply_options(const RunOptions& options) {
  set_where_given("LLMOBSERVE_FUNCTION_PATTERNS", options.patterns);
  set_where_given("LLMOBSERVE_EXCLUDE_MODULES", options.exclude);
  set_where_given("LLMOBSERVE_EXPORTER", options.exporter);
  set_where_given("LLMOBSERVE_TRACE_DIR", options.trace_dir);
  set_where_given("OTEL_SERVICE_NAME", options.service);
  if (options.no_functions) ::setenv("LLMOBSERVE_AUTO_FUNCTION_TRACING", "false", 1);
}

// The program and the exporter may work in other directories than this one.
std::string absolute_path(const std::string& path) {
  char directory[PATH_MAX];
  if (path.starts_with('/') || ::getcwd(directory, sizeof directory) == nullptr) return path;
  return std::string(directory) + '/' + path;
}

class Run {
 public:
  explicit Run(RunOptions options) : options_(std::move(options)) {
    apply_options(options_);
    config::ParsedSettings parsed = config::read_settings_from_environment();
    notes_ = std::move(parsed.notes);
    settings_ = std::move(parsed.settings);
    settings_.trace_dir = absolute_path(settings_.trace_dir);
  }

  int execute() {
    const ExporterChoice exporters = choose_exporters(settings_);
    if (options_.tree && !exporters.file) {
      say("--tree shows what the file exporter writes, and the exporters are: {}; add file to them",
          describe(exporters));
      return kExitUsage;
    }
    for (const std::string& note : notes_) say("{}", note);
    if (!settings_.enabled) return run_untraced();

    facts_ = inspect_program(options_.command[0]);
    if (facts_.exec_error != 0) return refuse(facts_.command, facts_.exec_error);
    const std::string library = find_library();
    if (library.empty()) {
      say("{}", library_missing());
      return kExitOwnFault;
    }
    if (!can_be_preloaded(library)) {
      say("{} cannot be preloaded: the loader takes no path with a blank or a colon in it", library);
      return kExitOwnFault;
    }
    join_session();
    return run_traced(library);
  }

 private:
  // Off means off: not even a process in between.
  int run_untraced() const {
    if (options_.verbose || options_.tree)
      say("tracing is switched off (LLMOBSERVE_ENABLED, OTEL_SDK_DISABLED)");
    std::vector<char*> arguments;
    for (const std::string& argument : options_.command)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    return refuse(options_.command[0], errno);
  }

  // Under another `run`, or started by a traced program, the session is there already. Without one the
  // program runs all the same and the library finds a place by itself, or does without.
  void join_session() {
    session_dir_ = settings_.session;
    if (!session_dir_.empty()) return;
    const std::string journal_dir = session::journal_directory(settings_);
    session_dir_ = make_session_dir(journal_dir);
    owns_session_ = !session_dir_.empty();
    if (!owns_session_) {
      say("no journal can be kept in {} ({}), so nothing may be traced; LLMOBSERVE_JOURNAL_DIR names another "
          "place",
          journal_dir, std::strerror(errno));
    }
  }

  Environment environment_for(const std::string& library) const {
    Environment environment(environ);
    environment.set("LD_PRELOAD", preload_value(library, facts_.asan_runtime, environment.get("LD_PRELOAD")));
    environment.set("LLMOBSERVE_TRACE_DIR", settings_.trace_dir);
    if (!session_dir_.empty()) environment.set("LLMOBSERVE_SESSION", session_dir_);
    if (settings_.program.empty()) environment.set("LLMOBSERVE_PROGRAM", own_path());
    return environment;
  }

  int run_traced(const std::string& library) {
    files_before_ = input::trace_files_in(settings_.trace_dir);
    int status = 0;
    {
      Child child;
      if (const int error = child.start(options_.command, environment_for(library)); error != 0) {
        if (owns_session_) discard_unused_session(session_dir_);
        return refuse(options_.command[0], error);
      }
      status = child.wait();
      if (!session_dir_.empty()) finish_session(child);
    }
    if (options_.tree) show_tree();
    end_like(status);
  }

  void finish_session(Child& child) {
    if (owns_session_ && discard_unused_session(session_dir_)) {
      const bool asked_for = describe(choose_exporters(settings_)) == "none";
      if (!asked_for) say("nothing was traced: {}", why_nothing_was_traced(facts_, settings_));
      return;
    }
    DrainOptions drain;
    drain.exporter_options = [this] { return make_exporter_options(settings_); };
    drain.pause = [&child](std::chrono::milliseconds duration) { return child.pause(duration); };
    // A file is whole when the journals are gone; what others were given may still be on its way.
    const std::string exporters = describe(choose_exporters(settings_));
    drain.until_exporter_ends = owns_session_ && exporters != "file" && exporters != "none";
    const Drained drained = drain_session(session_dir_, drain);
    const std::string unseen = what_was_out_of_sight(facts_);
    if (!unseen.empty()) say("not all was traced: {}", unseen);
    if (drained.end == DrainEnd::kStopped) {
      say("interrupted before all was exported; what is left is in {}, and `llmobserve recover` exports it",
          session_dir_);
    } else if (drained.end == DrainEnd::kBehind) {
      say("not all is exported yet: {}; the exporter goes on trying for a while; what is left then is in {}, "
          "and the next exporter or `llmobserve recover` sends it",
          drained.problem, session_dir_);
    } else if (drained.end == DrainEnd::kLeft) {
      say("not all was exported: {}; what is left is in {}, and `llmobserve recover` exports it",
          drained.problem, session_dir_);
    } else if (options_.verbose) {
      tell_where();
    }
  }

  void tell_where() const {
    const std::vector<std::string> files = new_files();
    if (files.empty()) {
      say("exported to: {}", describe(choose_exporters(settings_)));
    } else {
      say(fmt::format("traces are in {}", fmt::join(files, ", ")));
    }
  }

  // A session writes to a file of its own, so the new ones are this run's; those of another run that began in
  // the meantime are not told apart.
  std::vector<std::string> new_files() const {
    const std::vector<std::string> now = input::trace_files_in(settings_.trace_dir);
    std::vector<std::string> fresh;
    std::set_difference(now.begin(), now.end(), files_before_.begin(), files_before_.end(),
                        std::back_inserter(fresh));
    return fresh;
  }

  void show_tree() const {
    const TracePaths paths{new_files(), {}};
    if (paths.all.empty()) return;
    const views::TraceFilter all{views::FilterOptions()};
    TraceInput input = read_traces(paths, all);
    if (!input.spans.empty()) {
      print_trees(std::move(input), all, console::view_options(STDERR_FILENO, options_.colour),
                  STDERR_FILENO);
    }
  }

  RunOptions options_;
  config::Settings settings_;
  std::vector<std::string> notes_;
  ProgramFacts facts_;
  std::string session_dir_;
  bool owns_session_ = false;
  std::vector<std::string> files_before_;
};

void add_run_options(CLI::App& command, RunOptions& options) {
  const auto text = [&command](const char* flags, std::string& value, const char* type, const char* meaning) {
    command.add_option(flags, value, meaning)->type_name(type);
  };
  text("-p,--patterns", options.patterns, "GLOBS", "functions to trace (LLMOBSERVE_FUNCTION_PATTERNS)");
  text("-x,--exclude", options.exclude, "WORDS", "modules to leave out (LLMOBSERVE_EXCLUDE_MODULES)");
  text("-e,--exporter", options.exporter, "NAMES",
       "where traces go: file, otlp, console, clickhouse, none (LLMOBSERVE_EXPORTER)");
  text("-o,--trace-dir", options.trace_dir, "DIR", "folder of the file exporter (LLMOBSERVE_TRACE_DIR)");
  text("-s,--service", options.service, "NAME", "service name of the traces (OTEL_SERVICE_NAME)");
  command.add_flag("--no-functions", options.no_functions,
                   "API calls only (LLMOBSERVE_AUTO_FUNCTION_TRACING=false)");
  command.add_flag("-t,--tree", options.tree, "show the traces on standard error at the end");
  command.add_flag("-v,--verbose", options.verbose, "say at the end where the traces are");
  add_colour_option(command, options.colour);
}

// `run -- prog -x`, `run prog -x` and `run prog -- -x`: only the first `--` before any other word is ours.
std::vector<std::string> command_line(std::vector<std::string> before,
                                      const std::vector<std::string>& after_dashes) {
  // CLI11 leaves options that it does not know where the command is.
  if (!before.empty() && before[0].starts_with('-')) throw CLI::ExtrasError({before[0]});
  const bool ours = before.empty() && !after_dashes.empty();
  before.insert(before.end(), after_dashes.begin() + (ours ? 1 : 0), after_dashes.end());
  return before;
}

}  // namespace

void add_run_command(CLI::App& app, const std::vector<std::string>& after_dashes, int& exit_code) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* const command =
      app.add_subcommand("run", "run a program and trace it: llmobserve run [options] -- COMMAND…");
  add_run_options(*command, *options);
  command->prefix_command();
  command->footer(
      "Exit code: the program's own; a signal that ends it ends `run` too. 125: the library is missing,\n"
      "126: the program cannot be run, 127: it is not found. `run` returns when all is exported, and says\n"
      "why where nothing could be traced.");
  command->callback([command, options, &after_dashes, &exit_code] {
    options->command = command_line(command->remaining(), after_dashes);
    if (options->command.empty()) throw CLI::RequiredError("COMMAND");
    exit_code = Run(*options).execute();
  });
}

}  // namespace llmo::cli
