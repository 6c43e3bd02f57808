// Spans by who is below whom, where their order and their threads are a matter of chance.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/otlp_reader.h"

namespace llmo::test {

// A line for each pair of names that occurs, sorted, without the `workflow.` of names:
//
//   4 outer_workflow > step_agent end=thread_cancel
//
// 4 spans step_agent below spans outer_workflow; `- > …` for roots, `? > …` where the parent is missing.
inline std::string relations_of(const std::vector<Span>& spans) {
  const auto short_name = [](const Span& span) {
    return span.name.starts_with("workflow.") ? span.name.substr(9) : span.name;
  };
  std::map<std::string, std::string> names;
  for (const Span& span : spans) names[span.span_id] = short_name(span);
  std::map<std::string, int> counts;
  for (const Span& span : spans) {
    const auto parent = names.find(span.parent_span_id);
    const std::string above = span.parent_span_id.empty() ? "-"
                              : parent == names.end()     ? "?"
                                                          : parent->second;
    const std::string end = attribute(span, "llmobserve.end");
    ++counts[above + " > " + short_name(span) + (end.empty() ? "" : " end=" + end)];
  }
  std::string text;
  for (const auto& [relation, count] : counts) text += std::to_string(count) + " " + relation + "\n";
  return text;
}

}  // namespace llmo::test
