// Why a run left no trace, in words.
#pragma once

#include <string>

#include "exporters/cli/program_facts.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// One line that says what stood in the way and what to do about it. Always has something to say.
std::string why_nothing_was_traced(const ProgramFacts& facts, const config::Settings& settings);

// What API calls were out of sight of a run that left spans; empty where none are known to be.
std::string what_was_out_of_sight(const ProgramFacts& facts);

}  // namespace llmo::cli
