#include "exporters/console/tree_line.h"

#include <fmt/format.h>

#include <utility>

#include "exporters/console/text.h"

namespace llmo::console {
namespace {

std::string_view root_note(RootKind kind) {
  switch (kind) {
    case RootKind::kNone:
    case RootKind::kRoot:
      return {};
    case RootKind::kRemoteParent:
      return "(parent elsewhere)";
    case RootKind::kMissingParent:
      return "(parent missing)";
    case RootKind::kOpenParent:
      return "(parent still open)";
    case RootKind::kCycle:
      return "(its own ancestor)";
  }
  return {};
}

// Where the work went on: said at the span that is elsewhere than its parent.
std::string note_of(const Forest& forest, const TreeNode& node) {
  if (node.parent == TreeNode::kNil) return std::string(root_note(node.root));
  const TreeNode& parent = forest.nodes[node.parent];
  const bool processes_known = node.span.process != 0 && parent.span.process != 0;
  if (processes_known && node.span.process != parent.span.process) {
    return fmt::format("(process {})", node.span.process);
  }
  const bool threads_known = node.thread_number != 0 && parent.thread_number != 0;
  if (threads_known && node.thread_number != parent.thread_number) {
    return fmt::format("(thread {})", node.thread_number);
  }
  return {};
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", format_count(count), count == 1 ? one : many);
}

void add_totals(const Totals& totals, std::vector<TailPart>& tail) {
  if (totals.calls == 0) return;
  tail.push_back({counted(totals.calls, "call", "calls")});
  if (totals.tokens) tail.push_back({counted(totals.tokens->all(), "token", "tokens"), Style::kPlain, 2});
  if (totals.cost_usd) tail.push_back({format_usd(*totals.cost_usd), Style::kMoney, 2});
}

std::string tokens_text(const SpanSummary& span) {
  if (!span.output_tokens) return counted(*span.input_tokens, "token", "tokens");
  const std::string input = span.input_tokens ? format_count(*span.input_tokens) + " " : std::string();
  return input + "→ " + counted(*span.output_tokens, "token", "tokens");
}

void add_measures(const SpanSummary& span, std::vector<TailPart>& tail) {
  if (span.first_token_nanos != 0) {
    tail.push_back({"ttft " + format_duration(span.first_token_nanos), Style::kDim});
  }
  if (span.input_tokens || span.output_tokens) tail.push_back({tokens_text(span)});
  if (span.cost_usd) tail.push_back({format_usd(*span.cost_usd), Style::kMoney, 2});
}

void add_ending(const SpanSummary& span, std::vector<TailPart>& tail) {
  if (!span.end.empty()) tail.push_back({span.end, Style::kWarning});
  if (span.failed) tail.push_back({span.error.empty() ? "ERROR" : "ERROR " + span.error, Style::kError});
}

Style name_style(const SpanSummary& span) {
  if (span.failed) return Style::kError;
  return span.is_call ? Style::kCall : Style::kWorkflow;
}

}  // namespace

std::string_view style_start(Style style) {
  switch (style) {
    case Style::kPlain:
      return {};
    case Style::kDim:
      return "\x1b[2m";
    case Style::kWorkflow:
      return "\x1b[1m";
    case Style::kCall:
      return "\x1b[36m";
    case Style::kMoney:
      return "\x1b[32m";
    case Style::kError:
      return "\x1b[31m";
    case Style::kWarning:
      return "\x1b[33m";
  }
  return {};
}

TreeLine line_of(const Forest& forest, std::uint32_t index) {
  const TreeNode& node = forest.nodes[index];
  const SpanSummary& span = node.span;
  TreeLine line;
  line.name = span.name;
  line.name_style = name_style(span);
  line.subject = span.subject;
  line.operation = span.operation;
  line.note = note_of(forest, node);
  const std::string duration = format_duration(span.end_unix_nanos - span.start_unix_nanos);
  line.duration = span.open ? "… open " + duration : duration;
  line.duration_style = span.open ? Style::kWarning : Style::kPlain;
  if (span.is_call) {
    add_measures(span, line.tail);
  } else {
    add_totals(node.totals, line.tail);
  }
  add_ending(span, line.tail);
  return line;
}

}  // namespace llmo::console
