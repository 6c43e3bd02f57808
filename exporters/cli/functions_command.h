// llmobserve functions: which functions of a program, a library or a process will be seen.
#pragma once

namespace CLI {
class App;
}

namespace llmo::cli {

// As the other commands (commands.h).
void add_functions_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
