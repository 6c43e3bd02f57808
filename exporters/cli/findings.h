// What `llmobserve check` finds out, one line each.
#pragma once

#include <string>
#include <vector>

namespace llmo::cli {

enum class Verdict {
  kGood,
  kNote,  // good to know, tracing goes on
  kBad,   // nothing, or not all, would be traced
};

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;  // `library`, `journal`
  std::string text;     // what was found, and for kBad what to do
};

using Findings = std::vector<Finding>;

bool any_bad(const Findings& findings);

// One line for each: `✓ library   …` with `pretty`, else `ok    library   …`.
std::string findings_text(const Findings& findings, bool pretty, bool colour);

}  // namespace llmo::cli
