// Many threads, many processes, and signals in the middle of everything: nothing is lost, mixed up or twice.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

std::map<std::string, const Span*> by_id(const std::vector<Span>& spans) {
  std::map<std::string, const Span*> result;
  for (const Span& span : spans) result.emplace(span.span_id, &span);
  return result;
}

TEST_CASE("threads that record at the same time lose nothing and mix nothing up", "[e2e][concurrency]") {
  const Run run = run_under_shim("busy_threads", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(run.spans.size() == 16'000);
  const auto spans = by_id(run.spans);
  CHECK(spans.size() == run.spans.size());
  std::size_t wrong = 0;
  std::set<std::string> threads;
  for (const Span& span : run.spans) {
    threads.insert(attribute(span, "thread.id"));
    const bool inner = span.name == "workflow.inner_agent";
    if (inner == span.parent_span_id.empty()) ++wrong;
    if (!inner) continue;
    const auto parent = spans.find(span.parent_span_id);
    if (parent == spans.end() || parent->second->name != "workflow.outer_agent" ||
        attribute(*parent->second, "thread.id") != attribute(span, "thread.id")) {
      ++wrong;
    }
  }
  CHECK(wrong == 0);
  CHECK(threads.size() == 8);
}

TEST_CASE("all processes of a tree of forks hang under the workflow that began it",
          "[e2e][concurrency][fork]") {
  const Run run = run_under_shim("fork_tree", each_variant());
  CHECK(run.exit_code == 0);
  const Span workflow = only_span(run.spans, "workflow.family_workflow");
  const std::vector<Span> members = spans_named(run.spans, "workflow.member_agent");
  CHECK(members.size() == 150);  // 1 + 2 + 4 + 8 processes
  CHECK(by_id(members).size() == 150);
  std::set<std::string> processes;
  for (const Span& span : members) {
    processes.insert(resource_attribute(span, "process.pid"));
    CHECK(span.parent_span_id == workflow.span_id);
    CHECK(span.trace_id == workflow.trace_id);
  }
  CHECK(processes.size() == 15);
}

TEST_CASE("a traced signal handler may land anywhere in a traced call", "[e2e][concurrency][signal]") {
  const Run run = run_under_shim("signal_storm", each_variant(), {.env = {{"LLMOBSERVE_THROTTLE", "false"}}});
  CHECK(run.exit_code == 0);
  std::istringstream counts(run.out);
  std::size_t called = 0;
  std::size_t handled = 0;
  int errno_lost = 1;
  counts >> called >> handled >> errno_lost;
  INFO(run.out);
  CHECK(errno_lost == 0);
  // A signal that lands while the library is at work on rare things costs its spans, but not in silence.
  const std::size_t diagnostics = spans_named(run.spans, "llmobserve.diagnostics").size();
  CHECK(spans_named(run.spans, "workflow.main_agent").size() == called);
  CHECK(run.spans.size() - diagnostics + lost_spans(run.spans) == called + 2 * handled);
  const auto spans = by_id(run.spans);
  CHECK(spans.size() == run.spans.size());
  std::size_t wrong = 0;
  for (const Span& span : spans_named(run.spans, "workflow.signal_agent")) {
    const auto parent = spans.find(span.parent_span_id);
    if (parent == spans.end() || parent->second->name != "workflow.tick_handler") ++wrong;
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace llmo::test
