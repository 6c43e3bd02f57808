#include "shim/span/start_environment.h"

#include "shim/platform/export.h"
#include "shim/platform/paths.h"

namespace llmo::span {

namespace {

constexpr std::string_view kSession = "LLMOBSERVE_SESSION=";

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Copies the value where `variable` is called `name` and nothing was copied before: the first one counts.
void take(std::string_view variable, std::string_view name, std::string& value) {
  if (value.empty() && variable.starts_with(name)) value = variable.substr(name.size());
}

}  // namespace

bool is_our_setting(std::string_view variable) {
  return variable.starts_with("OTEL_") ||
         (variable.starts_with("LLMOBSERVE_") && !variable.starts_with(kSession));
}

// The loader parts its list at blanks and colons (ld.so(8)).
bool names_library(std::string_view preload, std::string_view path) {
  const std::string_view wanted = file_name(path);
  while (!wanted.empty() && !preload.empty()) {
    const std::size_t end = preload.find_first_of(" :");
    if (file_name(preload.substr(0, end)) == wanted) return true;
    if (end == std::string_view::npos) break;
    preload.remove_prefix(end + 1);
  }
  return false;
}

LLMO_COLD StartEnvironment read_start_environment(const char* const* environment, std::string_view library) {
  StartEnvironment start;
  std::string preload;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (is_our_setting(variable)) start.settings.emplace_back(variable);
    take(variable, kSession, start.session);
    take(variable, "TRACEPARENT=", start.traceparent);
    take(variable, "TRACESTATE=", start.tracestate);
    take(variable, "BAGGAGE=", start.baggage);
    take(variable, "LD_PRELOAD=", preload);
  }
  if (names_library(preload, library)) start.preload = platform::absolute_path(std::string(library));
  return start;
}

}  // namespace llmo::span
