// llmobserve prices: the table that costs are computed by, as a file to start one's own from.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "exporters/cli/commands.h"
#include "exporters/cli/messages.h"
#include "exporters/console/terminal.h"
#include "exporters/span/price_file.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

int print_prices() {
  const PricesInUse prices = load_prices(config::read_settings_from_environment().settings.prices);
  if (!prices.problem.empty()) say("{}", prices.problem);
  const bool written = console::write_all(STDOUT_FILENO, write_prices(*prices.table));
  return written && prices.problem.empty() ? kExitOk : kExitNo;
}

}  // namespace

void add_prices_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("prices", "print the prices that costs are computed by");
  command->footer(
      "US dollars for a million tokens, as JSON: the table that is built in, or the one that "
      "LLMOBSERVE_PRICES\n"
      "names. Exit code 1 where that one cannot be used.\n\n"
      "  llmobserve prices >prices.json            to start from\n"
      "  LLMOBSERVE_PRICES=prices.json ./agent     to use");
  command->callback([&exit_code] { exit_code = print_prices(); });
}

}  // namespace llmo::cli
