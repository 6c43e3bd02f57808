// Where traces go: whether each destination is there and takes something, and what became of the last ones.
#pragma once

#include "exporters/cli/findings.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// Asks the destinations: takes some seconds where one does not answer. No spans are sent.
Findings check_destinations(const config::Settings& settings);

// The last exports from this journal directory.
Findings check_history(const config::Settings& settings);

}  // namespace llmo::cli
