#include "exporters/cli/reasons.h"

#include <fmt/format.h>

namespace llmo::cli {
namespace {

bool is_traceable(const ProgramFacts& facts) {
  return facts.elf.calls_function_hooks || !facts.instrumented_libraries.empty();
}

// Instrumented, loaded, and still nothing: no function that ran has a name that is asked for.
std::string nothing_matched(const config::Settings& settings) {
  if (!settings.function_tracing) {
    return "no API call was made through libcurl, and LLMOBSERVE_AUTO_FUNCTION_TRACING=false leaves "
           "functions out";
  }
  return fmt::format(
      "no function that ran matches LLMOBSERVE_FUNCTION_PATTERNS ({}) outside "
      "LLMOBSERVE_EXCLUDE_MODULES ({}), and no API call was made through libcurl",
      settings.function_patterns, settings.exclude_modules);
}

}  // namespace

std::string why_nothing_was_traced(const ProgramFacts& facts, const config::Settings& settings) {
  std::string reasons;
  for (const Obstacle& obstacle : obstacles(facts)) {
    if (!reasons.empty()) reasons += "; ";
    reasons += obstacle.sentence;
  }
  if (reasons.empty() && is_traceable(facts)) return nothing_matched(settings);
  if (reasons.empty()) {
    return fmt::format("{} is not a program that can be looked into, and nothing it started left a span",
                       facts.command);
  }
  const bool functions_only =
      !facts.elf.defines_libcurl && obstacles(facts)[0].reach == Obstacle::Reach::kFunctions;
  if (functions_only) reasons += "; and no API call was made through libcurl.so";
  return reasons;
}

}  // namespace llmo::cli
