// The commands of the llmobserve program, one file each.
//
// A function here adds its command to `app`. When the command line names it, the command runs during
// CLI11's parse and leaves the program's exit code in `exit_code` (which outlives `app`).
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace llmo::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;     // the answer is no: something failed, or there is nothing
inline constexpr int kExitUsage = 2;  // the command line was not understood

// `after_dashes`: the rest of the command line from its first `--` on, that word included; empty where there
// is none. The library does not see it: it belongs to the program that is run. Outlives `app`.
void add_run_command(CLI::App& app, const std::vector<std::string>& after_dashes, int& exit_code);
void add_tree_command(CLI::App& app, int& exit_code);
void add_recover_command(CLI::App& app, int& exit_code);
void add_check_command(CLI::App& app, int& exit_code);
void add_export_command(CLI::App& app, int& exit_code);
void add_settings_command(CLI::App& app, int& exit_code);
void add_prices_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
