// What `llmobserve check` says of the file of API rules.
#pragma once

#include "exporters/cli/findings.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// Reads the file that LLMOBSERVE_API_RULES names: one finding for each line that is wrong, else one that says
// how many rules there are. Nothing where the variable is not set.
Findings check_api_rules(const config::Settings& settings);

}  // namespace llmo::cli
