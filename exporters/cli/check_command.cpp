// llmobserve check: is this environment all right, and can this program be traced?
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "exporters/cli/colour_option.h"
#include "exporters/cli/commands.h"
#include "exporters/cli/environment_checks.h"
#include "exporters/cli/findings.h"
#include "exporters/console/terminal.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

int check(const std::string& program, console::ColourWish colour) {
  const Findings findings = program.empty() ? check_environment(config::read_settings_from_environment())
                                            : check_program(inspect_program(program));
  const bool terminal = console::is_terminal(STDOUT_FILENO);
  const bool coloured = console::view_options(STDOUT_FILENO, colour).colour;
  const bool written =
      console::write_all(STDOUT_FILENO, findings_text(findings, terminal || coloured, coloured));
  return written && !any_bad(findings) ? kExitOk : kExitNo;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  struct Options {
    std::string program;
    console::ColourWish colour = console::ColourWish::kAuto;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* const command =
      app.add_subcommand("check", "say whether this environment, or a program, can be traced");
  command->add_option("program", options->program, "look at this program instead of the environment")
      ->type_name("PROGRAM");
  add_colour_option(*command, options->colour);
  command->footer("Exit code 1 where something would keep spans from being traced.");
  command->callback([options, &exit_code] { exit_code = check(options->program, options->colour); });
}

}  // namespace llmo::cli
