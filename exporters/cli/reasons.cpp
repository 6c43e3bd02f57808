#include "exporters/cli/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

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

bool stands_against(const std::vector<Obstacle>& all, Obstacle::Reach reach) {
  return std::any_of(all.begin(), all.end(),
                     [reach](const Obstacle& obstacle) { return obstacle.reach == reach; });
}

void append(std::string& sentences, const std::string& sentence) {
  if (!sentences.empty()) sentences += "; ";
  sentences += sentence;
}

}  // namespace

std::string why_nothing_was_traced(const ProgramFacts& facts, const config::Settings& settings) {
  using Reach = Obstacle::Reach;
  const std::vector<Obstacle> all = obstacles(facts);
  std::string reasons;
  const bool functions_report =
      !stands_against(all, Reach::kEverything) && !stands_against(all, Reach::kFunctions);
  if (functions_report && is_traceable(facts)) reasons = nothing_matched(settings);
  for (const Obstacle& obstacle : all) append(reasons, obstacle.sentence);
  if (reasons.empty()) {
    return fmt::format("{} is not a program that can be looked into, and nothing it started left a span",
                       facts.command);
  }
  if (stands_against(all, Reach::kFunctions) && !stands_against(all, Reach::kApiCalls)) {
    reasons += "; and no API call was made through libcurl.so";
  }
  return reasons;
}

std::string what_was_out_of_sight(const ProgramFacts& facts) {
  std::string sentences;
  for (const Obstacle& obstacle : obstacles(facts)) {
    if (obstacle.reach == Obstacle::Reach::kApiCalls) append(sentences, obstacle.sentence);
  }
  return sentences;
}

}  // namespace llmo::cli
