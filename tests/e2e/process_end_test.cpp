// Spans of functions that are left in other ways than by returning, and of processes that end in the middle.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

Run run_ending(const std::string& how, const std::string& variant = "gcc-O2") {
  return run_under_shim("end_inside", variant, {.args = {how}});
}

TEST_CASE("spans that are open at exit are closed by it", "[e2e][end]") {
  const Run run = run_ending("exit", each_variant());
  CHECK(run.exit_code == 3);
  CHECK(tree_of(run.spans) ==
        "workflow.outer_workflow end=process_exit\n"
        "  workflow.finished_agent\n"
        "  workflow.ending_agent end=process_exit\n");
}

TEST_CASE("kill -9 loses no finished span and marks the open ones", "[e2e][end]") {
  const Run run = run_ending("kill", each_variant());
  CHECK(run.signal == SIGKILL);
  CHECK(tree_of(run.spans) ==
        "workflow.outer_workflow end=killed\n"
        "  workflow.finished_agent\n"
        "  workflow.ending_agent end=killed\n");
}

TEST_CASE("a process that ends without exit() leaves whole spans and marked ones", "[e2e][end]") {
  const std::string how = GENERATE(as<std::string>{}, "_exit", "quick_exit", "abort", "segv");
  INFO(how);
  const Run run = run_ending(how);
  CHECK(run.exit_code == (how == "_exit" ? 4 : how == "quick_exit" ? 5 : -1));
  CHECK(run.signal == (how == "abort" ? SIGABRT : how == "segv" ? SIGSEGV : 0));
  CHECK_FALSE(has_attribute(only_span(run.spans, "workflow.finished_agent"), "llmobserve.end"));
  CHECK(has_attribute(only_span(run.spans, "workflow.outer_workflow"), "llmobserve.end"));
  CHECK(has_attribute(only_span(run.spans, "workflow.ending_agent"), "llmobserve.end"));
}

TEST_CASE("a program that replaces itself keeps the spans of both programs", "[e2e][end]") {
  const Run run = run_ending("exec");
  CHECK(run.exit_code == 0);
  CHECK(only_span(run.spans, "workflow.finished_agent").parent_span_id ==
        only_span(run.spans, "workflow.outer_workflow").span_id);
}

TEST_CASE("open spans end no earlier than what happened in them", "[e2e][end]") {
  const Run run = run_ending("kill");
  const Span finished = only_span(run.spans, "workflow.finished_agent");
  CHECK(only_span(run.spans, "workflow.outer_workflow").end_unix_nanos >= finished.end_unix_nanos);
}

TEST_CASE("functions left by longjmp are closed, and the next one has the right parent", "[e2e][end]") {
  const Run run = run_under_shim("longjmp_out", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.catching_workflow\n"
        "  workflow.jumped_handler end=longjmp\n"
        "    workflow.thrown_agent end=longjmp\n"
        "  workflow.later_agent\n");
}

TEST_CASE("a forked child's spans hang under its parent's workflow, which the parent alone closes",
          "[e2e][end][fork]") {
  const Run run = run_under_shim("fork_child", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(
      tree_of(run.spans).starts_with("workflow.fork_workflow\n"
                                     "  workflow.child_agent\n"));
  const Span workflow = only_span(run.spans, "workflow.fork_workflow");
  CHECK_FALSE(has_attribute(workflow, "llmobserve.end"));
  CHECK(only_span(run.spans, "workflow.parent_agent").parent_span_id == workflow.span_id);
  const std::vector<Span> of_child = spans_named(run.spans, "workflow.child_agent");
  REQUIRE(of_child.size() == 2);
  CHECK(of_child[0].parent_span_id == workflow.span_id);
  CHECK(resource_attribute(of_child[0], "process.pid") != resource_attribute(workflow, "process.pid"));
  CHECK(of_child[0].span_id != of_child[1].span_id);
  CHECK(run.spans.size() == 4);
}

TEST_CASE("exits without entry and wild addresses change nothing", "[e2e][end]") {
  const Run run = run_under_shim("unmatched_exits", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.wrapping_workflow\n"
        "  workflow.good_agent\n");
}

TEST_CASE("100 000 calls deep is survived, and what was too deep is counted", "[e2e][end]") {
  const Run run = run_under_shim("deep_recursion", each_variant());
  CHECK(run.exit_code == 0);
  const std::vector<Span> deep = spans_named(run.spans, "workflow.deep_agent");
  CHECK(deep.size() > 100);
  CHECK(deep.size() + lost_spans(run.spans) == 100'000);
  // After all those exits the stack is as it was.
  CHECK(only_span(run.spans, "workflow.after_agent").parent_span_id.empty());
}

TEST_CASE("calls too deep for a small journal are counted, and their exits still pair", "[e2e][end]") {
  const RunOptions options{.env = {{"LLMOBSERVE_JOURNAL_MAX", "1"}}};
  const Run run = run_under_shim("deep_recursion", each_variant(), options);
  CHECK(run.exit_code == 0);
  CHECK(lost_spans(run.spans) > 0);
  CHECK(spans_named(run.spans, "workflow.deep_agent").size() + lost_spans(run.spans) >= 100'000);
  for (const Span& span : spans_named(run.spans, "workflow.after_agent")) CHECK(span.parent_span_id.empty());
}

TEST_CASE("functions are traced from the program's first constructor to its last destructor", "[e2e][end]") {
  const Run run = run_under_shim("early_and_late", each_variant());
  CHECK(run.exit_code == 0);
  for (const char* name : {"early", "middle", "exit", "late"}) {
    CHECK(only_span(run.spans, std::string("workflow.") + name + "_agent").parent_span_id.empty());
  }
}

TEST_CASE("a call before libc has its environment does not make us forget the settings", "[e2e][end]") {
  const Run run = run_under_shim("preinit_call", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(spans_named(run.spans, "workflow.main_agent").size() == 1);
}

TEST_CASE("functions that a library calls before our constructor and after our destructor are survived",
          "[e2e][end]") {
  Sandbox sandbox;
  write_text(sandbox.path() / "library.c",
             "volatile int work;\n"
             "void library_agent(void) { work = work + 1; }\n"
             "__attribute__((constructor(101))) static void load_handler(void) { library_agent(); }\n"
             "__attribute__((destructor(101))) static void unload_handler(void) { library_agent(); }\n");
  write_text(sandbox.path() / "program.c",
             "void library_agent(void);\n"
             "void main_workflow(void) { library_agent(); }\n"
             "int main(void) { main_workflow(); return 0; }\n");
  const std::string library = sandbox.path() / "libearly.so";
  const std::string program = sandbox.path() / "early_library";
  REQUIRE(run_command({.argv = {"gcc", "-g", "-finstrument-functions", "-shared", "-fPIC",
                                sandbox.path() / "library.c", "-o", library}})
              .exit_code == 0);
  REQUIRE(run_command({.argv = {"gcc", "-g", "-finstrument-functions", sandbox.path() / "program.c", library,
                                "-o", program}})
              .exit_code == 0);
  const Run run = sandbox.run({program});
  CHECK(run.exit_code == 0);
  const Span workflow = only_span(run.spans, "workflow.main_workflow");
  std::size_t children = 0;
  for (const Span& span : spans_named(run.spans, "workflow.library_agent")) {
    children += span.parent_span_id == workflow.span_id ? 1U : 0U;
  }
  CHECK(children == 1);
}

TEST_CASE("hooks inside the program's own malloc are survived", "[e2e][end]") {
  const Run run = run_under_shim("own_malloc", each_variant());
  CHECK(run.exit_code == 0);
  const Span workflow = only_span(run.spans, "workflow.allocating_workflow");
  CHECK_FALSE(spans_named(run.spans, "workflow.carve_agent").empty());
  CHECK(spans_named(run.spans, "workflow.carve_agent").back().parent_span_id == workflow.span_id);
}

}  // namespace
}  // namespace llmo::test
