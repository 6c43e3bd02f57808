// How the exporter of this session is started.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shim/config/settings.h"
#include "shim/platform/exporter_launch.h"

namespace llmo::span {

// The variables of `environment` that the exporter needs, copied: a host may change or overwrite its own.
// Never the preload.
std::vector<std::string> exporter_environment(const char* const* environment);

// Nothing where the llmobserve program cannot be found: LLMOBSERVE_PROGRAM, else beside the library, else in
// ../bin from there.
std::optional<platform::ExporterCommand> exporter_command(const config::Settings& settings,
                                                          const std::string& session_directory,
                                                          const std::vector<std::string>& environment);

}  // namespace llmo::span
