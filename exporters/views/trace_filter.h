// Which traces a view shows.
//
// A trace is shown whole, as a part of it would not be understood, or not at all. It is shown where one of
// its spans meets all conditions at once: with a provider and `errors`, a call to that provider that failed.
// A workflow is where to look: what it names and all beneath it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporters/console/trace_tree.h"
#include "shim/filter/glob.h"

namespace llmo::views {

struct FilterOptions {
  std::vector<std::string> workflows{};  // globs, one of which a name has to match; empty: anywhere
  std::vector<std::string> providers{};  // globs
  std::vector<std::string> models{};     // globs, for what was asked for or what answered
  bool errors = false;                   // ended in an error
  std::optional<std::uint64_t> slower_than_nanos{};
  std::optional<std::uint64_t> since_unix_nanos{};  // the trace was going on then or later
  std::string trace{};                              // hexadecimal digits that its id begins with
  std::optional<std::size_t> last{};                // so many of the newest traces

  bool empty() const;
};

// Which functions are meant by a pattern: with `::` it is held against the qualified name, else against the
// name of the span, with and without `workflow.` before it.
class WorkflowPattern {
 public:
  explicit WorkflowPattern(const std::string& pattern);
  bool matches(const Span& span) const;

 private:
  filter::Glob glob_;
  bool qualified_;
};

class TraceFilter {
 public:
  explicit TraceFilter(const FilterOptions& options);

  // Nothing of such a trace needs to be kept.
  bool leaves_out(const TraceId& trace) const;

  // The span's summary, with what the filter found in it.
  console::SpanSummary summarise(const Span& span) const;

  // Whether a span of that summary is one that the workflow patterns name; not so without patterns.
  static bool names_workflow(const console::SpanSummary& span);

  // Whether a trace of such summaries is shown, `last` aside.
  bool takes(const console::Forest& forest, const console::TraceSlice& trace) const;

  // The traces to be shown, newest last.
  std::vector<console::TraceSlice> select(const console::Forest& forest) const;

 private:
  bool meets_conditions(const Span& span) const;
  bool is_workflow(const Span& span) const;
  bool meets_within_workflow(const console::Forest& forest, const console::TraceSlice& trace) const;

  FilterOptions options_;
  std::vector<WorkflowPattern> workflows_;
  std::vector<filter::Glob> providers_;
  std::vector<filter::Glob> models_;
};

}  // namespace llmo::views
