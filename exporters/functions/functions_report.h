// The whole answer of `llmobserve functions`: some modules, the rules they were held against, and what to do.
#pragma once

#include <string>
#include <vector>

#include "exporters/functions/module_report.h"

namespace llmo::functions {

// A list of rules and where it comes from.
struct RuleList {
  std::string text;
  std::string origin;  // `--patterns`, `LLMOBSERVE_FUNCTION_PATTERNS`, `default`
};

struct FunctionsReport {
  std::string subject;  // a path, or `process 4711 (agent)`
  RuleList patterns;
  RuleList exclusions;
  std::vector<ModuleReport> modules;  // the one that was asked for, or the program, first
  std::vector<std::string> blockers;  // sentences: why nothing at all will be seen
  std::vector<std::string> notes;     // sentences: good to know

  // Some function will have spans.
  bool anything_seen() const;
};

// What to do so that more is seen, a sentence each; empty where nothing is missing.
std::vector<std::string> advice(const FunctionsReport& report);

// For people: lines of text. For machines: one JSON object and a line end.
std::string report_text(const FunctionsReport& report);
std::string report_json(const FunctionsReport& report);

// Why a function that is asked for is not seen, in words that follow its name. Empty where it is seen.
std::string why_unseen(const FunctionRow& row);

}  // namespace llmo::functions
