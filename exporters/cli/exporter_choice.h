// From the settings' names of exporters to exporters.
#pragma once

#include <string>

#include "exporters/session/exporter.h"
#include "shim/config/settings.h"

namespace llmo::cli {

struct ExporterChoice {
  bool file = false;
  bool console = false;
  bool otlp = false;
  bool clickhouse = false;
};

// `otlp_endpoint_set`: OTLP is what an empty list means then.
ExporterChoice choose_exporters(const config::Settings& settings, bool otlp_endpoint_set);

// The same, with the endpoint looked for in this process's environment.
ExporterChoice choose_exporters(const config::Settings& settings);

// The choice as one text, `file, console`; `none` where nothing leaves.
std::string describe(const ExporterChoice& choice);

// Ready to run; `once` is left false.
session::ExporterOptions make_exporter_options(const config::Settings& settings);

}  // namespace llmo::cli
