// How the exporter of this session is started.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shim/config/settings.h"
#include "shim/platform/exporter_launch.h"

namespace llmo::span {

// Makes the paths among the settings absolute, and finds the exporter where none is set: a host may change
// its directory before the first span. Once, when the library loads.
void make_paths_absolute(config::Settings& settings);

// Whether this process runs the exporter's own program. After make_paths_absolute().
bool is_exporter_program(const config::Settings& settings);

// The variables of `environment` that the exporter needs, copied: a host may change or overwrite its own.
// Paths are those of `settings`. Never the preload.
std::vector<std::string> exporter_environment(const char* const* environment,
                                              const config::Settings& settings);

// Nothing where the llmobserve program cannot be found: LLMOBSERVE_PROGRAM, else beside the library, else in
// ../bin from there. After make_paths_absolute().
std::optional<platform::ExporterCommand> exporter_command(const config::Settings& settings,
                                                          const std::string& session_directory,
                                                          const std::vector<std::string>& environment);

}  // namespace llmo::span
