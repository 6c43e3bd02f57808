#include "exporters/cli/exporter_choice.h"

#include <cstdlib>
#include <memory>
#include <string_view>

#include "exporters/console/console_exporter.h"

namespace llmo::cli {
namespace {

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

void choose(std::string_view name, ExporterChoice& choice) {
  if (name == "file") {
    choice.file = true;
  } else if (name == "console") {
    choice.console = true;
  } else if (name != "none" && !name.empty()) {
    choice.unavailable.emplace_back(name);
  }
}

}  // namespace

ExporterChoice choose_exporters(const config::Settings& settings, bool otlp_endpoint_set) {
  ExporterChoice choice;
  std::string_view names = settings.exporters;
  if (names.empty()) names = otlp_endpoint_set ? "otlp" : "file";
  while (!names.empty()) {
    const auto comma = names.find(',');
    choose(names.substr(0, comma), choice);
    if (comma == std::string_view::npos) break;
    names.remove_prefix(comma + 1);
  }
  if (!choice.unavailable.empty() && !choice.console) choice.file = true;
  return choice;
}

ExporterChoice choose_exporters(const config::Settings& settings) {
  return choose_exporters(
      settings, is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"));
}

std::string describe(const ExporterChoice& choice) {
  if (choice.file && choice.console) return "file, console";
  if (choice.file) return "file";
  return choice.console ? "console" : "none";
}

session::ExporterOptions make_exporter_options(const config::Settings& settings) {
  const ExporterChoice choice = choose_exporters(settings);
  session::ExporterOptions options;
  options.settings = settings;
  options.write_file = choice.file;
  if (choice.console) options.exporters.push_back(std::make_unique<console::ConsoleExporter>());
  return options;
}

}  // namespace llmo::cli
