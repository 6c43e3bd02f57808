// llmobserve html: traces as one page that a browser shows.
#pragma once

namespace CLI {
class App;
}

namespace llmo::cli {

// As the other commands (commands.h).
void add_html_command(CLI::App& app, int& exit_code);

}  // namespace llmo::cli
