// Whether costs can be computed, for `llmobserve check`.
#pragma once

#include "exporters/cli/findings.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// Reads the file that LLMOBSERVE_PRICES names, if any. A file that cannot be used is a note: spans are traced
// all the same.
Finding check_prices(const config::Settings& settings);

}  // namespace llmo::cli
