// llmobserve top: who spends time, tokens and money.
#pragma once

namespace CLI {
class App;
}

namespace llmo::cli {

// As the functions of commands.h.
void add_top_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
