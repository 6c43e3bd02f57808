#include "exporters/cli/exporter_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string_view>
#include <vector>

#include "exporters/clickhouse/clickhouse_exporter.h"
#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/console/console_exporter.h"
#include "exporters/otlp/otlp_exporter.h"
#include "exporters/otlp/otlp_settings.h"
#include "shim/config/text.h"

namespace llmo::cli {
namespace {

// Each exporter, once: its name, whether it is chosen, and what makes it. The file is none of the makers':
// it is part of every session (session/commit.h).
struct Known {
  std::string_view name;
  bool ExporterChoice::*chosen;
  std::unique_ptr<Exporter> (*make)();
};

std::unique_ptr<Exporter> make_console() { return std::make_unique<console::ConsoleExporter>(); }

std::unique_ptr<Exporter> make_otlp() {
  return std::make_unique<otlp::OtlpExporter>(otlp::read_otlp_settings(), &session::stop_requested);
}

std::unique_ptr<Exporter> make_clickhouse() {
  return std::make_unique<clickhouse::ClickHouseExporter>(clickhouse::read_clickhouse_settings(),
                                                          &session::stop_requested);
}

constexpr Known kExporters[] = {
    {"file", &ExporterChoice::file, nullptr},
    {"console", &ExporterChoice::console, &make_console},
    {"otlp", &ExporterChoice::otlp, &make_otlp},
    {"clickhouse", &ExporterChoice::clickhouse, &make_clickhouse},
};

// `none` is a name that chooses nothing.
void choose(std::string_view name, ExporterChoice& choice) {
  for (const Known& exporter : kExporters) {
    if (exporter.name == name) choice.*exporter.chosen = true;
  }
}

std::vector<std::string_view> names_of(const ExporterChoice& choice) {
  std::vector<std::string_view> names;
  for (const Known& exporter : kExporters) {
    if (choice.*exporter.chosen) names.push_back(exporter.name);
  }
  return names;
}

}  // namespace

ExporterChoice choose_exporters(const config::Settings& settings, bool otlp_endpoint_set) {
  ExporterChoice choice;
  const std::string_view unset = otlp_endpoint_set ? "otlp" : "file";
  config::for_each_entry(settings.exporters.empty() ? unset : std::string_view(settings.exporters),
                         [&choice](std::string_view name) { choose(name, choice); });
  return choice;
}

ExporterChoice choose_exporters(const config::Settings& settings) {
  return choose_exporters(settings, otlp::read_otlp_settings().endpoint_set);
}

std::string describe(const ExporterChoice& choice) {
  const std::vector<std::string_view> names = names_of(choice);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

session::ExporterOptions make_exporter_options(const config::Settings& settings) {
  const ExporterChoice choice = choose_exporters(settings);
  session::ExporterOptions options;
  options.settings = settings;
  options.write_file = choice.file;
  for (const Known& exporter : kExporters) {
    if (exporter.make != nullptr && choice.*exporter.chosen) options.exporters.push_back(exporter.make());
  }
  return options;
}

}  // namespace llmo::cli
