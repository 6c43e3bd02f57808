// llmobserve settings: every environment variable, from the tables.
#include <unistd.h>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <string>

#include "exporters/cli/commands.h"
#include "exporters/cli/setting_tables.h"
#include "exporters/console/terminal.h"
#include "shim/config/api_rules.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

// A setting takes a few lines: its name stands out, and long meanings are not squeezed into a column.
std::string settings_text() {
  std::string text =
      "Environment variables that libllmobserve.so and llmobserve read. Empty counts as unset.\n";
  for (const config::SettingInfo& setting : all_settings()) {
    text += fmt::format("\n  {}", setting.variable);
    if (!setting.alias.empty()) text += fmt::format(", {}", setting.alias);
    text += fmt::format("\n      {}\n      {}", setting.meaning, setting.values);
    if (!setting.default_text.empty()) text += fmt::format("; default: {}", setting.default_text);
    text += '\n';
  }
  text += '\n';
  text += config::api_rules_help();
  return text;
}

}  // namespace

void add_settings_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("settings", "list every environment variable");
  command->callback(
      [&exit_code] { exit_code = console::write_all(STDOUT_FILENO, settings_text()) ? kExitOk : kExitNo; });
}

}  // namespace llmo::cli
