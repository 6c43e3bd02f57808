// llmobserve gate: fails where runs of a workflow pass their limits, for build servers.
#pragma once

namespace CLI {
class App;
}

namespace llmo::cli {

// As the functions of commands.h.
void add_gate_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
