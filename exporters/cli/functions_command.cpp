#include "exporters/cli/functions_command.h"

#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/program_facts.h"
#include "exporters/console/terminal.h"
#include "exporters/functions/functions_report.h"
#include "exporters/functions/inspect.h"
#include "exporters/functions/process_modules.h"
#include "shim/config/settings.h"
#include "symbolizer/elf_image.h"

namespace llmo::cli {
namespace {

using functions::FunctionsReport;
using functions::ModuleFile;

struct FunctionsOptions {
  std::string binary;
  pid_t pid = 0;
  std::string patterns;
  std::string exclude;
  bool all = false;
  bool libraries = false;
  bool json = false;
};

constexpr const char* kFooter =
    "BINARY is a path, or a command in PATH. A function will be seen if its code reports (the program was "
    "built "
    "with\n"
    "-finstrument-functions) and the rules take it. Exit code 0 where some function will be seen, 1 where "
    "none "
    "will,\n"
    "2 where BINARY or PID cannot be looked at.";

functions::RuleList rules(const std::string& option, const char* option_name, const std::string& setting,
                          std::string_view standard, const char* variable) {
  if (!option.empty()) return {option, option_name};
  return {setting, setting == standard ? "default" : variable};
}

void add_rules(const FunctionsOptions& options, const config::Settings& settings, FunctionsReport& report) {
  report.patterns = rules(options.patterns, "--patterns", settings.function_patterns,
                          config::kDefaultFunctionPatterns, "LLMOBSERVE_FUNCTION_PATTERNS");
  report.exclusions = rules(options.exclude, "--exclude", settings.exclude_modules,
                            config::kDefaultExcludeModules, "LLMOBSERVE_EXCLUDE_MODULES");
  if (!settings.enabled) {
    report.blockers.emplace_back("tracing is switched off by LLMOBSERVE_ENABLED or OTEL_SDK_DISABLED");
  } else if (!settings.function_tracing) {
    report.blockers.emplace_back("LLMOBSERVE_AUTO_FUNCTION_TRACING=false leaves functions out");
  }
}

// The first module is the one that was asked for: it is told of even where it has nothing to do with hooks.
void inspect_all(const std::vector<ModuleFile>& modules, const FunctionsOptions& options,
                 FunctionsReport& report) {
  const filter::FunctionFilter filter(report.patterns.text, report.exclusions.text);
  for (const ModuleFile& module : modules) {
    const functions::InspectOptions how{options.all, !report.modules.empty()};
    report.modules.push_back(functions::inspect_module(module, filter, how));
  }
}

int finish(const FunctionsReport& report, const FunctionsOptions& options) {
  const std::string text = options.json ? functions::report_json(report) : functions::report_text(report);
  if (!console::write_all(STDOUT_FILENO, text)) return kExitUsage;
  return report.anything_seen() ? kExitOk : kExitNo;
}

// --- a file ------------------------------------------------------------------------------------------------

std::string absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

// The program that a command runs; the file itself where it is there and no script.
std::string find_binary(const std::string& name, FunctionsReport& report) {
  if (::access(name.c_str(), F_OK) == 0 && symbolizer::ElfImage::open(name.c_str())) return absolute(name);
  const ProgramFacts facts = inspect_program(name);
  if (facts.path.empty()) return ::access(name.c_str(), F_OK) == 0 ? absolute(name) : std::string();
  if (!facts.script.empty()) {
    report.notes.push_back(fmt::format("{} is a script: this is the program that runs it", facts.script));
  }
  return absolute(facts.path);
}

void add_closed_doors(const std::string& path, const ProgramFacts& facts,
                      const functions::ModuleReport& module, FunctionsReport& report) {
  for (const Obstacle& obstacle : obstacles(facts)) {
    if (obstacle.reach == Obstacle::Reach::kEverything) report.blockers.push_back(obstacle.sentence);
  }
  if (report.blockers.empty() && module.kind == functions::ModuleKind::kStaticProgram) {
    report.blockers.push_back(
        fmt::format("{} is a static program, into which nothing can be preloaded", path));
  }
}

int explain_file(const FunctionsOptions& options) {
  FunctionsReport report;
  const std::string path = find_binary(options.binary, report);
  if (path.empty()) {
    say("there is no file {}, nor a command of that name", options.binary);
    return kExitUsage;
  }
  add_rules(options, config::read_settings_from_environment().settings, report);
  report.subject = path;
  std::vector<ModuleFile> modules{{path, path}};
  if (options.libraries) {
    for (const Library& library : needed_libraries(read_elf_facts(path), path)) {
      modules.push_back({library.path, library.path});
    }
  }
  inspect_all(modules, options, report);
  const functions::ModuleReport& asked_for = report.modules.front();
  if (!asked_for.problem.empty()) {
    say("{}: {}", path, asked_for.problem);
    return kExitUsage;
  }
  if (asked_for.kind != functions::ModuleKind::kLibrary) {
    add_closed_doors(path, inspect_program(path), asked_for, report);
  }
  return finish(report, options);
}

// --- a process ---------------------------------------------------------------------------------------------

config::Settings settings_of(const functions::ProcessModules& process) {
  const auto look_up = [](const char* name, void* context) -> const char* {
    const auto& environment = static_cast<const functions::ProcessModules*>(context)->environment;
    const auto found = environment.find(std::string_view(name));
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  return config::read_settings(look_up, const_cast<functions::ProcessModules*>(&process)).settings;
}

int explain_process(const FunctionsOptions& options) {
  const functions::ProcessModules process = functions::read_process(options.pid);
  if (!process.problem.empty()) {
    say("{}", process.problem);
    return kExitUsage;
  }
  FunctionsReport report;
  report.subject = fmt::format("process {} ({})", options.pid, process.program);
  if (!process.has_library) {
    report.blockers.push_back(fmt::format(
        "libllmobserve.so is not loaded in process {}: start it with `llmobserve run -- CMD` or LD_PRELOAD",
        options.pid));
  }
  if (process.environment_known) {
    report.notes.push_back("the rules are those of the environment that the process was started with");
    add_rules(options, settings_of(process), report);
  } else {
    report.notes.push_back(
        "the environment of the process may not be read, so the rules are those of this command's");
    add_rules(options, config::read_settings_from_environment().settings, report);
  }
  inspect_all(process.modules, options, report);
  if (const std::string& problem = report.modules.front().problem; !problem.empty()) {
    say("{}: {}", report.subject, problem);
    return kExitUsage;
  }
  return finish(report, options);
}

int explain(const FunctionsOptions& options) {
  if (options.binary.empty() == (options.pid == 0)) {
    say("name either a program or library, or a process by --pid");
    return kExitUsage;
  }
  return options.pid == 0 ? explain_file(options) : explain_process(options);
}

}  // namespace

void add_functions_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<FunctionsOptions>();
  CLI::App* const command = app.add_subcommand(
      "functions",
      "say which functions of a program, library or process will be seen, and why not the others");
  command->add_option("binary", options->binary, "a program or shared library")->type_name("BINARY");
  command->add_option("--pid", options->pid, "all modules of this process instead")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  command->add_option("--patterns", options->patterns, "try these in place of LLMOBSERVE_FUNCTION_PATTERNS")
      ->type_name("LIST");
  command->add_option("--exclude", options->exclude, "try these in place of LLMOBSERVE_EXCLUDE_MODULES")
      ->type_name("LIST");
  command->add_flag("--libraries", options->libraries, "look into the libraries that BINARY needs, too");
  command->add_flag("--all", options->all, "list the instrumented functions that are not asked for, too");
  command->add_flag("--json", options->json, "one JSON object for machines");
  command->footer(kFooter);
  command->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace llmo::cli
