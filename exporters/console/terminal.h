// What is at the other end of a descriptor: a person's terminal, or a pipe or file that wants plain text.
#pragma once

#include <cstddef>
#include <string_view>

#include "exporters/console/tree_view.h"

namespace llmo::console {

// What a user can ask for with --color.
enum class ColourWish { kAuto, kAlways, kNever };

// Colours where the descriptor is a terminal that shows them and NO_COLOR (no-color.org) is not set; the
// width of the terminal, unlimited elsewhere.
ViewOptions view_options(int fd, ColourWish wish = ColourWish::kAuto);

bool is_terminal(int fd);

// Lines that a terminal shows; 0: not known.
std::size_t terminal_rows(int fd);

// Writes everything, however often it takes. False where the descriptor fails.
bool write_all(int fd, std::string_view text);

}  // namespace llmo::console
