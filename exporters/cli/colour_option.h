// The option --color, the same for every command that prints in colour.
#pragma once

#include "exporters/console/terminal.h"

namespace CLI {
class App;
}

namespace llmo::cli {

// `wish` outlives `command`.
void add_colour_option(CLI::App& command, console::ColourWish& wish);

}  // namespace llmo::cli
