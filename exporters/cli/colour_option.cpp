#include "exporters/cli/colour_option.h"

#include <CLI/CLI.hpp>

#include <map>
#include <string>

#include "exporters/cli/option_values.h"

namespace llmo::cli {

void add_colour_option(CLI::App& command, console::ColourWish& wish) {
  const std::map<std::string, console::ColourWish> names = {{"auto", console::ColourWish::kAuto},
                                                            {"always", console::ColourWish::kAlways},
                                                            {"never", console::ColourWish::kNever}};
  add_choice(command, "--color,--colour", wish, names,
             "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->type_name("WHEN");
}

}  // namespace llmo::cli
