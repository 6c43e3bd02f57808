// Processes that a traced program starts: where their spans hang, and that they and their parents are as
// without us.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using Words = std::vector<std::string>;

std::string runner() { return program_path("child_runner", "gcc-O2").string(); }

TEST_CASE("each way of starting a program tells it where it was started", "[e2e][processes]") {
  const Run run = run_under_shim("child_starts", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
  std::string expected = "workflow.starting_workflow\n";
  for (const char* const way :
       {"execv", "execvp", "execve", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat", "vfork",
        "spawn", "spawnp", "system", "popen", "clone", "clone_vfork"}) {
    expected += "  workflow." + std::string(way) + "_agent\n    workflow.child_agent\n";
  }
  CHECK(tree_of(run.spans) == expected);
  CHECK(run.leftover.empty());
}

// Without an open call there is nothing to tell; the preload is in the environment as it ever was.
TEST_CASE("a process tree has one trace file, with and without TRACEPARENT from outside",
          "[e2e][processes]") {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string parent = GENERATE_COPY("", "00-" + trace + "-00f067aa0ba902b7-01", "00-nonsense");
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("child_starts", "gcc-O2").string()},
                              {.env = {{"TRACEPARENT", parent}, {"TRACESTATE", "a=b"}}});
  CHECK(sandbox.trace_files().size() == 1);
  const Span root = only_span(run.spans, "workflow.starting_workflow");
  CHECK((root.trace_id == trace) == (parent.size() > 20));
  const std::vector<Span> of_children = spans_named(run.spans, "workflow.child_agent");
  CHECK(of_children.size() == 16);
  for (const Span& span : of_children) CHECK(span.trace_id == root.trace_id);
}

TEST_CASE("starts that fail, great environments and odd commands come back as without us",
          "[e2e][processes]") {
  Sandbox sandbox;
  const std::string program = program_path("child_failures", "gcc-O2").string();
  const Run without = sandbox.run({program}, {.preload = false});
  const Run with = sandbox.run({program});
  CHECK(with.out == without.out);
  CHECK(with.err == without.err);
  CHECK(with.exit_code == 6);
  CHECK(without.out.find("greatest: 1000\ngreater: 7\nsmall stack: 0\n") != std::string::npos);
  CHECK(tree_of(with.spans) == "workflow.failing_workflow\n");
}

struct Tool {
  const char* name;
  Words argv;
  std::size_t calls;  // of those leaves that are to be traced
};

std::vector<Tool> tools() {
  const std::string leaf = runner() + " leaf";
  const std::string python =
      "import os, subprocess\n"
      "leaf = ['" +
      runner() +
      "', 'leaf']\n"
      "subprocess.run(leaf)\n"
      "subprocess.run(leaf, env={'A': '1'})\n"
      "subprocess.run(' '.join(leaf), shell=True, close_fds=False)\n"
      "os.system(' '.join(leaf))\n"
      "os.posix_spawn(leaf[0], leaf, os.environ); os.wait()\n"
      "os.environ.pop('LD_PRELOAD', None)\n"
      "subprocess.run(leaf)\n";
  const std::string php = "system('" + leaf + "'); $process = proc_open(['" + runner() +
                          "', 'leaf'], [], $pipes); proc_close($process); echo shell_exec('" + leaf + "');";
  const std::string shell =
      leaf + "; ( " + leaf + " ); " + leaf + " | cat; env -i " + leaf + "; LD_PRELOAD= " + leaf;
  return {{"python", {"python3", "-c", python}, 5},
          {"php", {"php", "-r", php}, 3},
          {"bash", {"bash", "-c", shell + "; unset LD_PRELOAD; " + leaf}, 3},
          {"dash", {"dash", "-c", shell}, 3},
          {"git", {"git", "-c", "alias.leaf=!" + leaf, "leaf"}, 1},
          {"make", {"make", "-s", "-f", "-"}, 2}};
}

TEST_CASE("real programs pass on where they were started, and run as without us", "[e2e][processes]") {
  for (const Tool& tool : tools()) {
    INFO(tool.name);
    Words argv{runner()};
    argv.insert(argv.end(), tool.argv.begin(), tool.argv.end());
    const std::string input = "all:\n\t@" + runner() + " leaf\n\t@" + runner() + " leaf; true\n";
    Sandbox sandbox;
    const Run without = sandbox.run(argv, {.input = input, .preload = false});
    const Run with = sandbox.run(argv, {.input = input});
    CHECK(with.exit_code == 0);
    CHECK(with.out == without.out);
    CHECK(with.err == without.err);
    const Span root = only_span(with.spans, "workflow.running_workflow");
    const std::vector<Span> leaves = spans_named(with.spans, "workflow.leaf_agent");
    CHECK(leaves.size() == tool.calls);
    for (const Span& leaf : leaves) CHECK(leaf.parent_span_id == root.span_id);
    CHECK(sandbox.trace_files().size() == 1);
    CHECK(with.leftover.empty());
  }
}

TEST_CASE("a child of one thread hangs below that thread's workflow, and closes nobody's",
          "[e2e][processes][fork]") {
  const Run run = run_under_shim("child_lives", each_variant(), {.args = {"threads"}});
  const std::string tree = tree_of(run.spans);
  CHECK(tree.find("workflow.second_workflow\n  workflow.child_agent\n  workflow.later_agent\n") !=
        std::string::npos);
  CHECK(run.spans.size() == 5);
  CHECK(tree.find("end=") == std::string::npos);
}

TEST_CASE("children go on after their parents, daemons too", "[e2e][processes][fork]") {
  const Run orphan = run_under_shim("child_lives", "gcc-O2", {.args = {"orphan"}});
  CHECK(tree_of(orphan.spans) ==
        "workflow.orphaning_workflow\n  workflow.child_agent\n  workflow.later_agent\n");
  CHECK(orphan.leftover.empty());

  // libc ends the parent itself, which nobody sees.
  const Run daemon = run_under_shim("child_lives", "gcc-O2", {.args = {"daemon"}});
  CHECK(daemon.exit_code == 0);
  CHECK(tree_of(daemon.spans) == "workflow.daemon_workflow end=killed\n  workflow.child_agent\n");
}

TEST_CASE("of 300 short processes nothing is lost, and nothing is left", "[e2e][processes]") {
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("child_lives", "gcc-O2").string(), "storm", "300"});
  CHECK(run.out == "0 failed\n");
  CHECK(run.err.empty());
  const Span workflow = only_span(run.spans, "workflow.storm_workflow");
  const std::vector<Span> of_children = spans_named(run.spans, "workflow.child_agent");
  CHECK(of_children.size() == 300);
  CHECK(std::all_of(of_children.begin(), of_children.end(),
                    [&](const Span& span) { return span.parent_span_id == workflow.span_id; }));
  CHECK(sandbox.trace_files().size() == 1);
  CHECK(run.leftover.empty());
}

TEST_CASE("a child in a pid namespace of its own is not taken for dead", "[e2e][processes]") {
  const Run run = run_under_shim("child_in_namespace");
  CHECK(run.exit_code == 0);
  if (run.out == "not permitted\n") return;
  CHECK(tree_of(run.spans) ==
        "workflow.outer_workflow\n"
        "  workflow.short_agent\n"
        "  workflow.long_agent\n"
        "    workflow.short_agent\n");
}

}  // namespace
}  // namespace llmo::test
