#include "shim/span/exporter_command.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "shim/platform/export.h"
#include "shim/platform/own_library.h"
#include "shim/platform/paths.h"
#include "shim/platform/syscalls.h"

namespace llmo::span {

namespace {

constexpr std::array<std::string_view, 4> kPrefixes{"LLMOBSERVE_", "OTEL_", "LC_", "SSL_CERT_"};
constexpr std::array<std::string_view, 16> kNames{
    "HOME",     "LANG",      "PATH",       "TERM",           "COLUMNS",     "NO_COLOR",
    "TZ",       "TMPDIR",    "http_proxy", "https_proxy",    "HTTPS_PROXY", "no_proxy",
    "NO_PROXY", "all_proxy", "ALL_PROXY",  "XDG_RUNTIME_DIR"};

bool is_needed(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_program(const std::string& path) {
  struct stat status {};
  return platform::sys::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & 0111) != 0;
}

void make_absolute(std::string& path) {
  if (!path.empty()) path = platform::absolute_path(path);
}

std::string own_directory() {
  const std::string_view path = platform::own_library_path();
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

// Beside the library or in ../bin from there; which of them is looked at when it is needed.
std::string find_program(const std::string& library_directory) {
  for (const char* const place : {"/llmobserve", "/../bin/llmobserve"}) {
    std::string path = library_directory + place;
    if (is_program(path)) return path;
  }
  return {};
}

// The list was checked and trimmed when it was read, so a name can only stand between commas.
bool prints_for_the_user(const config::Settings& settings) {
  return settings.exporters.find("console") != std::string::npos;
}

}  // namespace

LLMO_COLD void make_paths_absolute(config::Settings& settings) {
  make_absolute(settings.trace_dir);
  make_absolute(settings.journal_dir);
  make_absolute(settings.session);
  if (settings.program.empty()) settings.program = find_program(own_directory());
  make_absolute(settings.program);
}

// A program of the user's may bear the same name. The files are looked at only where it does.
LLMO_COLD bool is_exporter_program(const config::Settings& settings) {
  const std::string_view program = settings.program;
  if (program.substr(program.rfind('/') + 1) != program_invocation_short_name) return false;
  struct stat own {};
  struct stat exporter {};
  return platform::sys::stat("/proc/self/exe", &own) == 0 &&
         platform::sys::stat(settings.program.c_str(), &exporter) == 0 && own.st_dev == exporter.st_dev &&
         own.st_ino == exporter.st_ino;
}

LLMO_COLD std::vector<std::string> exporter_environment(const char* const* environment,
                                                        const config::Settings& settings) {
  std::vector<std::string> needed;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (is_needed(*environment)) needed.emplace_back(*environment);
  }
  // The last of two is not always the one that counts, so the host's own are taken out.
  std::erase_if(needed,
                [](const std::string& variable) { return variable.starts_with("LLMOBSERVE_TRACE_DIR="); });
  needed.push_back("LLMOBSERVE_TRACE_DIR=" + settings.trace_dir);
  return needed;
}

std::optional<platform::ExporterCommand> exporter_command(const config::Settings& settings,
                                                          const std::string& session_directory,
                                                          const std::vector<std::string>& environment) {
  if (settings.program.empty()) return std::nullopt;
  platform::ExporterCommand command;
  command.program = settings.program;
  command.arguments = {"export", session_directory};
  command.environment = environment;
  command.keeps_stderr = prints_for_the_user(settings);
  return command;
}

}  // namespace llmo::span
