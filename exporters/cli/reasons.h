// Why a run left no trace, in words.
#pragma once

#include <string>

#include "exporters/cli/program_facts.h"
#include "shim/config/settings.h"

namespace llmo::cli {

// One line that says what stood in the way and what to do about it. Always has something to say.
std::string why_nothing_was_traced(const ProgramFacts& facts, const config::Settings& settings);

}  // namespace llmo::cli
