// How `llmobserve.end` tells of processes and threads that end, or become something else, in the midst of
// calls.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

Run run_ending(const std::string& how, const std::string& variant = "gcc-O2") {
  return run_under_shim("end_ways", variant, {.args = {how}, .env = {{"WANTED", "3"}}});
}

std::string tree_ending(const std::string& mark) {
  return "workflow.outer_workflow" + mark +
         "\n"
         "  workflow.finished_agent\n"
         "  workflow.ending_agent" +
         mark + "\n";
}

TEST_CASE("a process that ends itself says how", "[e2e][end]") {
  const auto [how, mark] = GENERATE(table<std::string, std::string>({{"_exit", " end=_exit"},
                                                                     {"quick_exit", " end=quick_exit"},
                                                                     {"abort", " ERROR end=abort"},
                                                                     {"exec", " end=exec"}}));
  INFO(how);
  const Run run = run_under_shim("end_inside", each_variant(), {.args = {how}});
  CHECK(run.exit_code == (how == "_exit" ? 4 : how == "quick_exit" ? 5 : how == "exec" ? 0 : -1));
  CHECK(tree_of(run.spans) == tree_ending(mark));
}

TEST_CASE("_Exit() and a failed assertion say how the process ended", "[e2e][end]") {
  const auto [how, mark] =
      GENERATE(table<std::string, std::string>({{"_Exit", " end=_exit"}, {"assert", " ERROR end=abort"}}));
  const Run run = run_ending(how);
  CHECK(run.exit_code == (how == "_Exit" ? 4 : -1));
  CHECK(run.signal == (how == "_Exit" ? 0 : SIGABRT));
  CHECK(tree_of(run.spans) == tree_ending(mark));
}

TEST_CASE("every function of the exec family is seen, and gets its arguments", "[e2e][end]") {
  const std::string how = GENERATE(as<std::string>{}, "execv", "execvp", "execve", "execvpe", "execl",
                                   "execlp", "execle", "fexecve", "execveat");
  INFO(how);
  const Run run = run_ending(how);
  CHECK(run.exit_code == (how == "execl" || how == "execle" ? 3 : 0));
  CHECK(tree_of(run.spans) == tree_ending(" end=exec"));
}

TEST_CASE("an exec that fails and an abort that is caught are no end", "[e2e][end]") {
  const std::string how = GENERATE(as<std::string>{}, "failed_exec", "caught_abort");
  INFO(how);
  const Run run = run_ending(how);
  CHECK(run.signal == SIGKILL);
  CHECK(tree_of(run.spans).find("end=exec") == std::string::npos);
  CHECK(tree_of(run.spans).find("end=abort") == std::string::npos);
  CHECK(attribute(only_span(run.spans, "workflow.outer_workflow"), "llmobserve.end") != "");
}

TEST_CASE("a child of vfork() leaves no trace and its parent as it was", "[e2e][end][fork]") {
  const Run run = run_ending("vfork", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.vfork_workflow\n"
        "  workflow.finished_agent\n");
}

TEST_CASE("a child of _Fork() goes on under its parent's call", "[e2e][end][fork]") {
  const Run run = run_ending("_Fork");
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.bare_fork_workflow\n"
        "  workflow.child_agent\n"
        "  workflow.finished_agent\n");
}

TEST_CASE("a daemon that forks twice and closes all descriptors is recorded to its end", "[e2e][end][fork]") {
  const Run run = run_ending("daemon");
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.daemon_workflow end=_exit\n"
        "  workflow.child_agent\n");
}

TEST_CASE("a thread that outlives main is recorded to its end", "[e2e][end][thread]") {
  const Run run = run_ending("outlive");
  CHECK(run.exit_code == 0);
  CHECK(run.out == "outlived\n");
  CHECK_FALSE(has_attribute(only_span(run.spans, "workflow.outliving_agent"), "llmobserve.end"));
}

TEST_CASE("the main thread may leave its calls by pthread_exit()", "[e2e][end][thread]") {
  const Run run = run_ending("pthread_exit", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == tree_ending(" end=thread_exit"));
}

// Whether compilers tell of the calls that are left (gcc in C++) or not (clang, C).
TEST_CASE("calls of a thread that ends in their midst say how", "[e2e][end][thread]") {
  const std::string how = GENERATE(as<std::string>{}, "pthread_exit", "thrd_exit", "cancel");
  const std::string variant = each_variant();
  INFO(how << ' ' << variant);
  const Run run = run_under_shim("end_threads", variant, {.args = {how}});
  CHECK(run.exit_code == 0);
  const std::string mark = how.find("cancel") == 0 ? " end=thread_cancel" : " end=thread_exit";
  CHECK(tree_of(run.spans) == "workflow.outer_workflow" + mark +
                                  "\n"
                                  "  workflow.returning_agent\n"
                                  "  workflow.ending_agent" +
                                  mark +
                                  "\n"
                                  "  workflow.cleaning_agent\n");
}

TEST_CASE("a call that returns though its thread was cancelled has returned", "[e2e][end][thread]") {
  const Run run = run_under_shim("end_threads", each_variant(), {.args = {"cancel_late"}});
  CHECK(run.exit_code == 0);
  CHECK_FALSE(has_attribute(only_span(run.spans, "workflow.kept_agent"), "llmobserve.end"));
  CHECK(attribute(only_span(run.spans, "workflow.ending_agent"), "llmobserve.end") == "thread_cancel");
  CHECK(attribute(only_span(run.spans, "workflow.outer_workflow"), "llmobserve.end") == "thread_cancel");
}

TEST_CASE("a C thread that is cancelled says so", "[e2e][end][thread]") {
  const Run run = run_under_shim("end_cancelled", each_variant());
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.outer_workflow end=thread_cancel\n"
        "  workflow.waiting_agent end=thread_cancel\n");
}

}  // namespace
}  // namespace llmo::test
