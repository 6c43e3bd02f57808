// llmobserve.h: spans, facts and contexts by hand, in programs of every kind.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/plugins.h"
#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using Words = std::vector<std::string>;

Run run_spans(const Words& args) {
  const Run run = run_under_shim("by_hand_spans", each_variant(), {.args = args});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  return run;
}

TEST_CASE("a marked function is traced whatever its name, and once where its name matches too",
          "[e2e][by_hand]") {
  const Run run = run_spans({"marks"});
  CHECK(tree_of(run.spans) ==
        "workflow.marks_workflow\n"
        "  workflow.acme::Ranker::rank\n"
        "  workflow.acme::Ranker::rank_agent\n");
  const Span marked = only_span(run.spans, "workflow.acme::Ranker::rank");
  CHECK(attribute(marked, "docs") == "3");
  CHECK(attribute(marked, "code.function.name") == "acme::Ranker::rank");
  CHECK_THAT(attribute(marked, "code.file.path"), Catch::Matchers::EndsWith("by_hand_spans.cpp"));
  CHECK(attribute(marked, "code.line.number") == "21");
  CHECK(attribute(only_span(run.spans, "workflow.acme::Ranker::rank_agent"), "value") == "2.5");
}

TEST_CASE("scopes are spans with facts of every type, and requests in them are their children",
          "[e2e][by_hand]") {
  MockServer server;
  const Run run = run_spans({"scopes", server.url("/bytes/20")});
  CHECK(tree_of(run.spans) ==
        "workflow.scopes_workflow\n"
        "  workflow.outer step\n"
        "    workflow.inner\n"
        "      GET  [client]\n"
        "  workflow.step_agent\n");
  CHECK(attribute(only_span(run.spans, "workflow.outer step"), "text") == "a text");
  const Span inner = only_span(run.spans, "workflow.inner");
  CHECK(std::get<bool>(inner.attributes.find("flag")->second));
  CHECK(std::get<double>(inner.attributes.find("ratio")->second) == 0.5);
  CHECK(std::get<std::int64_t>(inner.attributes.find("count")->second) == 7);
  CHECK(attribute(inner, "word") == "w");
  REQUIRE(inner.events.size() == 1);
  CHECK(inner.events[0].name == "found");
  CHECK(std::get<std::string>(inner.events[0].attributes.find("message")->second) == "three of them");
}

TEST_CASE("a scope that an exception leaves has failed, one that begins afterwards has not",
          "[e2e][by_hand]") {
  const Run run = run_spans({"errors"});
  CHECK(tree_of(run.spans) ==
        "workflow.errors_workflow ERROR\n"
        "  workflow.fails ERROR end=exception\n"
        "    workflow.risky ERROR end=exception\n"
        "  workflow.rescue\n");
  CHECK(only_span(run.spans, "workflow.errors_workflow").status_message == "gave up");
  const Span risky = only_span(run.spans, "workflow.risky");
  REQUIRE(risky.events.size() == 1);
  CHECK(risky.events[0].name == "exception");
  CHECK(std::get<std::string>(risky.events[0].attributes.find("exception.type")->second) ==
        "std::runtime_error");
  CHECK(std::get<std::string>(risky.events[0].attributes.find("exception.message")->second) == "no");
}

TEST_CASE("blocks may end in any order, twice, and when they never began", "[e2e][by_hand]") {
  CHECK(tree_of(run_spans({"order"}).spans) ==
        "workflow.order_workflow\n"
        "  workflow.first\n"
        "    workflow.second\n"
        "      workflow.in second\n"
        "  workflow.step_agent\n");
}

TEST_CASE("a block that another thread ends is no parent any more where it began", "[e2e][by_hand]") {
  const Run run = run_spans({"threads"});
  const std::string tree = tree_of(run.spans);
  CHECK_THAT(tree, Catch::Matchers::StartsWith("workflow.threads_workflow\n"
                                               "  workflow.ours\n"
                                               "  workflow.step_agent\n"
                                               "  workflow.last\n"));
  CHECK(attribute(only_span(run.spans, "workflow.theirs"), "llmobserve.end") == "thread_exit");
}

TEST_CASE("work that carries its context hangs below its workflow, other work of the thread does not",
          "[e2e][by_hand]") {
  const Run run = run_spans({"pool"});
  CHECK(run.out ==
        "in pool: workflow.pool_workflow\n"
        "in pool: workflow.pool_workflow\n"
        "in pool: \n"
        "in pool: \n"
        "done 1\n");
  CHECK(tree_of(run.spans) ==
        "workflow.pool_workflow\n"
        "  workflow.step_agent\n"
        "  workflow.pooled\n"
        "  workflow.step_agent\n"
        "  workflow.pooled\n"
        "  workflow.step_agent\n"
        "workflow.step_agent\n"
        "workflow.pooled\n"
        "workflow.step_agent\n"
        "workflow.pooled\n");
}

TEST_CASE("any code can ask for the current workflow, also on a thread that was started in it",
          "[e2e][by_hand]") {
  const Run run = run_spans({"told"});
  const Span span = only_span(run.spans, "workflow.told_workflow");
  CHECK(run.out == "workflow.told_workflow " + span.trace_id + " " + span.span_id + " 00-" + span.trace_id +
                       "-" + span.span_id + "-03\nworkflow.a block\nworkflow.a block\ndone 1\n");
}

TEST_CASE("without a workflow there is nothing to tell and nothing to change", "[e2e][by_hand]") {
  const Run run = run_spans({"none"});
  CHECK(run.out == "0 0\ndone 1\n");
  CHECK(run.spans.empty());
}

TEST_CASE("while recording is switched off nothing opens, and what is open ends as it would",
          "[e2e][by_hand]") {
  MockServer server;
  const Run run = run_spans({"switched", server.url("/bytes/20")});
  CHECK(run.out == "on 1\nwas on 1\non 0\ndone 1\n");
  CHECK(tree_of(run.spans) ==
        "workflow.switched_workflow\n"
        "  workflow.deeper_agent\n"
        "    workflow.deeper_agent\n"
        "      workflow.step_agent\n"
        "  workflow.open when it is switched off\n"
        "  workflow.step_agent\n");
  REQUIRE(server.log().size() == 1);
  CHECK(server.log()[0].header("traceparent").empty());
}

TEST_CASE("a scope lives as long as its object, wherever that is", "[e2e][by_hand]") {
  CHECK(tree_of(run_spans({"objects"}).spans) ==
        "workflow.objects_workflow\n"
        "  workflow.held\n"
        "    workflow.step_agent\n"
        "    workflow.on the heap\n"
        "      workflow.step_agent\n"
        "      workflow.step_agent\n");
}

TEST_CASE("the context of a request from elsewhere can be entered", "[e2e][by_hand]") {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const Run run = run_spans({"remote", "00-" + trace + "-00f067aa0ba902b7-01"});
  CHECK(tree_of(run.spans) == "workflow.served [remote parent]\n");
  CHECK(only_span(run.spans, "workflow.served").trace_id == trace);
  CHECK(tree_of(run_spans({"remote", "00-nonsense"}).spans) == "workflow.served\n");
}

TEST_CASE("a pool that hands on the context, as the README has it, does each job in its caller's workflow",
          "[e2e][by_hand]") {
  const Run run = run_under_shim("by_hand_readme", each_variant());
  CHECK(tree_of(run.spans) ==
        "workflow.first request\n"
        "  workflow.rank\n"
        "    workflow.score\n"
        "workflow.second request\n"
        "  workflow.rank\n"
        "    workflow.score\n"
        "workflow.rank\n"
        "  workflow.score\n");
}

TEST_CASE("C programs have the same spans", "[e2e][by_hand]") {
  const Run run = run_under_shim("by_hand_c", each_variant());
  CHECK(run.out == "none: 0 0\n");
  CHECK(run.err == "workflow.all\n");
  const std::string tree = tree_of(run.spans);
  CHECK_THAT(tree, Catch::Matchers::StartsWith("workflow.all\n"
                                               "  workflow.rank\n"
                                               "  workflow.plan_agent\n"
                                               "    workflow.think ERROR\n"
                                               "  workflow.jumped over"));
  CHECK_THAT(tree, Catch::Matchers::EndsWith("  workflow.carrier\n"
                                             "    workflow.rank\n"));
}

// --- the header --------------------------------------------------------------------------------------------

struct Build {
  std::string program;  // of tests/programs
  Words command;
};

const Words kStrict = {"-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"};

Finished build(const Build& how, const std::filesystem::path& output, const Words& more = {}) {
  Words argv = how.command;
  argv.insert(argv.end(), {"-D_GNU_SOURCE", "-Ishim/include", "-Itests/programs",
                           "tests/programs/" + how.program, "-o", output, "-lpthread"});
  argv.insert(argv.end(), more.begin(), more.end());
  return run_command({.argv = argv});
}

Build strict(const std::string& program, Words command) {
  command.insert(command.end(), kStrict.begin(), kStrict.end());
  return {program, std::move(command)};
}

TEST_CASE("the header compiles without a warning in every language version, and records uninstrumented code",
          "[e2e][by_hand]") {
  const Build how = GENERATE(strict("by_hand_c.c", {"gcc", "-std=c99", "-O2"}),
                             strict("by_hand_c.c", {"clang", "-std=c11", "-O0"}),
                             strict("by_hand_c.c", {"gcc", "-std=c17", "-O2", "-no-pie", "-fno-pic"}),
                             strict("by_hand_c.c", {"clang", "-std=c99", "-O2", "-fuse-ld=lld"}));
  CAPTURE(how.command);
  Sandbox sandbox;
  const std::string program = sandbox.path() / "program";
  const Finished built = build(how, program);
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  const Finished without = run_command({.argv = {program}});
  CHECK(without.out == "none: 0 0\n");
  CHECK(without.err.empty());
  const Run with = sandbox.run({program});
  CHECK(with.out == without.out);
  CHECK(with.err == "workflow.all\n");
  CHECK(spans_named(with.spans, "workflow.rank").size() == 2);
}

TEST_CASE("the C++ part of the header compiles without a warning from C++11 on", "[e2e][by_hand]") {
  const Build how = GENERATE(strict("by_hand_spans.cpp", {"g++", "-std=c++11", "-O2"}),
                             strict("by_hand_spans.cpp", {"clang++", "-std=c++14", "-O0"}),
                             strict("by_hand_spans.cpp", {"g++", "-std=c++17", "-O0"}),
                             strict("by_hand_spans.cpp", {"clang++", "-std=c++20", "-O2"}));
  CAPTURE(how.command);
  Sandbox sandbox;
  const std::string program = sandbox.path() / "program";
  const Finished built = build(how, program, {"-lcurl"});
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  CHECK(run_command({.argv = {program, "pool"}}).out ==
        "in pool: \nin pool: \nin pool: \nin pool: \ndone 0\n");
  const Run run = sandbox.run({program, "errors"});
  CHECK(tree_of(run.spans) ==
        "workflow.fails ERROR end=exception\n"
        "  workflow.risky ERROR end=exception\n"
        "workflow.rescue\n");
}

TEST_CASE("in a static program the calls do nothing", "[e2e][by_hand]") {
  const std::string kind = GENERATE("-static", "-static-pie");
  Sandbox sandbox;
  const std::string program = sandbox.path() / "program";
  REQUIRE(build(strict("by_hand_c.c", {"gcc", kind}), program).exit_code == 0);
  const Run run = sandbox.run({program});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "none: 0 0\n");
  CHECK(run.spans.empty());
}

constexpr const char* kLateHost = R"(
#include <dlfcn.h>
#include <llmobserve/llmobserve.h>
#include <stdio.h>
#include <stdlib.h>

typedef int plugin_function(void);

int main(int count, char** arguments) {
  (void)count;
  llmobserve_block early = llmobserve_begin("early");
  if (dlopen(arguments[1], RTLD_NOW | (atoi(arguments[2]) ? RTLD_GLOBAL : RTLD_LOCAL)) == NULL) return 2;
  printf("host %d\n", llmobserve_is_loaded());
  llmobserve_end(early);
  void* const plugin = dlopen(arguments[3], RTLD_NOW);
  plugin_function* const run = plugin != NULL ? (plugin_function*)dlsym(plugin, "plugin_agent") : NULL;
  if (run == NULL) return 3;
  printf("plugin %d\n", run());
  return 0;
}
)";

constexpr const char* kLatePlugin = R"(
#include <llmobserve/llmobserve.h>

int plugin_agent(void) {
  LLMOBSERVE_FUNCTION();
  LLMOBSERVE_SCOPE("in the plug-in");
  return llmobserve_is_loaded();
}
)";

TEST_CASE("a library that is loaded late serves what is loaded after it and finds it", "[e2e][by_hand]") {
  const bool global = GENERATE(true, false);
  CAPTURE(global);
  Sandbox sandbox;
  write_text(sandbox.path() / "host.c", kLateHost);
  const std::string program = sandbox.path() / "host";
  REQUIRE(
      run_command({.argv = {"gcc", "-Ishim/include", sandbox.path() / "host.c", "-o", program}}).exit_code ==
      0);
  const std::string plugin = make_library(sandbox.path(), "late", kLatePlugin, {"-Ishim/include"});
  const Run run = sandbox.run({program, library_path(), global ? "1" : "0", plugin}, {.preload = false});
  CHECK(run.exit_code == 0);
  CHECK(run.out == (global ? "host 0\nplugin 1\n" : "host 0\nplugin 0\n"));
  CHECK(tree_of(run.spans) == (global ? "workflow.plugin_agent\n  workflow.in the plug-in\n" : ""));
}

}  // namespace
}  // namespace llmo::test
