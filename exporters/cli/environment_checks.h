// Looks at what tracing needs on this machine. Nothing is left behind but the journal directory itself.
#pragma once

#include "exporters/cli/findings.h"
#include "exporters/cli/program_facts.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// The whole environment: library, journal, kernel, clock, sessions, settings, exporters.
Findings check_environment(const config::ParsedSettings& parsed);

// One program, as far as it can be told without running it.
Findings check_program(const ProgramFacts& facts);

}  // namespace llmo::cli
