// llmobserve convert: traces in the formats of other tools.
#pragma once

namespace CLI {
class App;
}

namespace llmo::cli {

// As the other commands (commands.h).
void add_convert_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
