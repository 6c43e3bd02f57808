// Why functions that are asked for do not report.
#pragma once

#include <vector>

#include "exporters/functions/compile_units.h"
#include "exporters/functions/module_report.h"

namespace llmo::functions {

// Fills in `unseen` of the rows, and leaves_inlined_out. `instrumented_units`: which of `units` have a
// function that reports.
void explain_unseen(ModuleReport& report, const CompileUnits& units,
                    const std::vector<bool>& instrumented_units);

}  // namespace llmo::functions
