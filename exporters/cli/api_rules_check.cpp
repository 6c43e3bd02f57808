#include "exporters/cli/api_rules_check.h"

#include <fmt/format.h>

#include <string>

#include "shim/config/api_rules.h"

namespace llmo::cli {

Findings check_api_rules(const config::Settings& settings) {
  if (settings.api_rules.empty()) return {};
  const config::ApiRuleFile file = config::read_api_rules(settings.api_rules);
  Findings findings;
  for (const std::string& error : file.errors) findings.push_back({Verdict::kBad, "api rules", error});
  if (file.errors.empty()) {
    findings.push_back({Verdict::kGood, "api rules",
                        fmt::format("{} {} in {}", file.rules.size(),
                                    file.rules.size() == 1 ? "rule" : "rules", settings.api_rules)});
  }
  return findings;
}

}  // namespace llmo::cli
