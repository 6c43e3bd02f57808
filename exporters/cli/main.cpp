// llmobserve: the one program beside the library.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/cli/commands.h"
#include "exporters/cli/convert_command.h"
#include "exporters/cli/functions_command.h"
#include "exporters/cli/gate_command.h"
#include "exporters/cli/html_command.h"
#include "exporters/cli/messages.h"
#include "exporters/cli/top_command.h"
#include "exporters/span/version.h"

namespace {

constexpr const char* kFooter =
    "Begin with: llmobserve run --tree -- ./program\n"
    "A program's functions are seen where it was built with -finstrument-functions, its API calls where it "
    "uses\n"
    "libcurl.so. `llmobserve settings` lists the environment variables, `llmobserve COMMAND --help` the "
    "options.";

// CLI11 numbers its errors above 100; here all of them mean one thing.
int usage_error(const CLI::App& app, const CLI::ParseError& error, const std::string& first) {
  const bool asked_for = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
  if (asked_for) return app.exit(error);
  const bool is_command =
      !app.get_subcommands([&](const CLI::App* command) { return command->get_name() == first; }).empty();
  if (is_command || first.starts_with('-')) {
    llmo::cli::say("{}", error.what());
  } else {
    llmo::cli::say("there is no command {}", first);
  }
  std::cerr << "llmobserve " << (is_command ? first + " " : "") << "--help says how it is used\n";
  return llmo::cli::kExitUsage;
}

// What stands from the first `--` on is another program's, and CLI11 would take options out of it.
int count_own_arguments(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "run") return argc;
  return static_cast<int>(std::find(argv, argv + argc, std::string_view("--")) - argv);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Traces of LLM workflows, from programs as they are.", "llmobserve");
  app.set_version_flag("--version", std::string("llmobserve ") + llmo::kVersion);
  app.require_subcommand(1);

  int exit_code = llmo::cli::kExitOk;
  const int own_arguments = count_own_arguments(argc, argv);
  const std::vector<std::string> after_dashes(argv + own_arguments, argv + argc);
  llmo::cli::add_run_command(app, after_dashes, exit_code);
  llmo::cli::add_tree_command(app, exit_code);
  llmo::cli::add_top_command(app, exit_code);
  llmo::cli::add_gate_command(app, exit_code);
  llmo::cli::add_html_command(app, exit_code);
  llmo::cli::add_convert_command(app, exit_code);
  llmo::cli::add_recover_command(app, exit_code);
  llmo::cli::add_check_command(app, exit_code);
  llmo::cli::add_functions_command(app, exit_code);
  llmo::cli::add_settings_command(app, exit_code);
  llmo::cli::add_prices_command(app, exit_code);
  llmo::cli::add_export_command(app, exit_code);
  app.footer(kFooter);  // after the commands, which would inherit it
  if (argc < 2) {
    std::cerr << app.help();
    return llmo::cli::kExitUsage;
  }
  try {
    app.parse(own_arguments, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argv[1]);
  } catch (const std::exception& error) {
    llmo::cli::say("{}", error.what());
    return llmo::cli::kExitNo;
  }
  return exit_code;
}
