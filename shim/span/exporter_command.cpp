#include "shim/span/exporter_command.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string_view>

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

std::string own_directory() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_directory), &info) == 0 || info.dli_fname == nullptr)
    return {};
  const std::string_view path = info.dli_fname;
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

std::string find_program(const config::Settings& settings) {
  if (!settings.program.empty()) return settings.program;
  const std::string directory = own_directory();
  for (const char* const place : {"/llmobserve", "/../bin/llmobserve"}) {
    std::string path = directory + place;
    if (is_program(path)) return path;
  }
  return {};
}

// The list was checked and trimmed when it was read, so a name can only stand between commas.
bool prints_for_the_user(const config::Settings& settings) {
  return settings.exporters.find("console") != std::string::npos;
}

}  // namespace

std::vector<std::string> exporter_environment(const char* const* environment) {
  std::vector<std::string> needed;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (is_needed(*environment)) needed.emplace_back(*environment);
  }
  return needed;
}

std::optional<platform::ExporterCommand> exporter_command(const config::Settings& settings,
                                                          const std::string& session_directory,
                                                          const std::vector<std::string>& environment) {
  std::string program = find_program(settings);
  if (program.empty()) return std::nullopt;
  platform::ExporterCommand command;
  command.program = std::move(program);
  command.arguments = {"export", session_directory};
  command.environment = environment;
  command.keeps_stderr = prints_for_the_user(settings);
  return command;
}

}  // namespace llmo::span
