#include "exporters/cli/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "exporters/console/text.h"

namespace llmo::cli {
namespace {

struct Mark {
  std::string_view pretty;
  std::string_view plain;
  std::string_view colour;
};

Mark mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return {"✓", "ok  ", "\x1b[32m"};
    case Verdict::kNote:
      return {"•", "note", "\x1b[33m"};
    case Verdict::kBad:
      return {"✗", "FAIL", "\x1b[31m"};
  }
  return {};
}

}  // namespace

bool any_bad(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.verdict == Verdict::kBad; });
}

std::string findings_text(const Findings& findings, bool pretty, bool colour) {
  std::size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.subject.size());
  std::string out;
  for (const Finding& finding : findings) {
    const Mark mark = mark_of(finding.verdict);
    const std::string sign(pretty ? mark.pretty : mark.plain);
    out += colour ? fmt::format("{}{}\x1b[0m", mark.colour, sign) : sign;
    out += fmt::format(" {:<{}}  {}\n", finding.subject, width, console::printable(finding.text));
  }
  return out;
}

}  // namespace llmo::cli
