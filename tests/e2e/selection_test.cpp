// Which functions are taken: patterns, exclusions, stripped programs, plug-ins.
#include <catch2/catch.hpp>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNestedTree =
    "workflow.outer_workflow\n"
    "  workflow.inner_agent\n"
    "  workflow.last_handler\n";

std::string tree_with(const std::string& program, const Environment& env) {
  const Run run = run_under_shim(program, "gcc-O2", {.env = env});
  CHECK(run.exit_code == 0);
  return tree_of(run.spans);
}

void must_run(const std::vector<std::string>& argv) {
  const Finished finished = run_command({.argv = argv});
  if (finished.exit_code != 0) throw std::runtime_error(argv[0] + " failed: " + finished.err);
}

fs::path source_of(const std::string& program) {
  // Tests run where make runs: at the top of the checkout.
  return fs::absolute("tests/programs") / program;
}

// Compiles `source` to `output` as one builds an instrumented program or, with -shared, a plug-in.
void compile(const fs::path& source, const fs::path& output, const std::vector<std::string>& flags = {}) {
  std::vector<std::string> argv = {"g++", "-O1", "-g", "-finstrument-functions", source, "-o", output};
  argv.insert(argv.end(), flags.begin(), flags.end());
  must_run(argv);
}

TEST_CASE("patterns choose by a function's own name", "[e2e][selection]") {
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_FUNCTION_PATTERNS", " plain_* , nothing"}}) ==
        "workflow.plain_step\n");
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_FUNCTION_PATTERNS", "[il]*_[ah]*"}}) ==
        "workflow.inner_agent\nworkflow.last_handler\n");
}

TEST_CASE("the pattern * takes every instrumented function, and ! takes out again", "[e2e][selection]") {
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_FUNCTION_PATTERNS", "*"}}) ==
        "workflow.main\n"
        "  workflow.outer_workflow\n"
        "    workflow.plain_step\n"
        "      workflow.inner_agent\n"
        "    workflow.last_handler\n");
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_FUNCTION_PATTERNS", "*,!inner_*,!main"}}) ==
        "workflow.outer_workflow\n"
        "  workflow.plain_step\n"
        "  workflow.last_handler\n");
}

TEST_CASE("a pattern with :: is held against the qualified name", "[e2e][selection]") {
  CHECK(tree_with("qualified_names", {{"LLMOBSERVE_FUNCTION_PATTERNS", "acme::Box::*"}}) ==
        "workflow.acme::Box::open_agent\n");
  CHECK(tree_with("qualified_names", {{"LLMOBSERVE_FUNCTION_PATTERNS", "*_agent,!acme::Planner::*"}}) ==
        "workflow.acme::Box::open_agent\n");
}

TEST_CASE("an empty variable counts as unset", "[e2e][selection]") {
  CHECK(tree_with("nested_calls",
                  {{"LLMOBSERVE_FUNCTION_PATTERNS", ""}, {"LLMOBSERVE_EXCLUDE_MODULES", ""}}) == kNestedTree);
}

TEST_CASE("modules are excluded by the object file's name", "[e2e][selection]") {
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_EXCLUDE_MODULES", "nested"}}).empty());
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_EXCLUDE_MODULES", "nested_c*"}}).empty());
  CHECK(tree_with("nested_calls", {{"LLMOBSERVE_EXCLUDE_MODULES", "nest,call"}}) == kNestedTree);
}

TEST_CASE("modules are excluded by namespace", "[e2e][selection]") {
  CHECK(tree_with("qualified_names", {{"LLMOBSERVE_EXCLUDE_MODULES", "acme"}}).empty());
}

TEST_CASE("what is compiled from a directory called test is excluded by default", "[e2e][selection]") {
  Sandbox sandbox;
  const fs::path source = sandbox.path() / "test" / "agents.cpp";
  fs::create_directories(source.parent_path());
  fs::copy_file(source_of("nested_calls.cpp"), source);
  fs::copy_file(source_of("program.h"), source.parent_path() / "program.h");
  const fs::path program = sandbox.path() / "agents";
  compile(source, program);
  CHECK(tree_of(sandbox.run({program}).spans).empty());
  CHECK(tree_of(sandbox.run({program}, {.env = {{"LLMOBSERVE_EXCLUDE_MODULES", "other"}}}).spans) ==
        kNestedTree);
}

TEST_CASE("LLMOBSERVE_AUTO_FUNCTION_TRACING=false opens no workflow spans", "[e2e][selection]") {
  const Run run =
      run_under_shim("nested_calls", "gcc-O2", {.env = {{"LLMOBSERVE_AUTO_FUNCTION_TRACING", "false"}}});
  CHECK(run.exit_code == 0);
  CHECK(run.trace_text.empty());
}

TEST_CASE("a value that cannot be read keeps the default", "[e2e][selection]") {
  const Run run =
      run_under_shim("nested_calls", "gcc-O2", {.env = {{"LLMOBSERVE_AUTO_FUNCTION_TRACING", "maybe"}}});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(spans_named(run.spans, "workflow.outer_workflow").size() == 1);
}

TEST_CASE("functions of a stripped program are module+0x…, and only the pattern * takes them",
          "[e2e][selection]") {
  Sandbox sandbox;
  const fs::path program = sandbox.path() / "bare";
  fs::copy_file(program_path("nested_calls", "gcc-O2"), program);
  must_run({"strip", program});
  CHECK(sandbox.run({program}).spans.empty());
  const Run run = sandbox.run({program}, {.env = {{"LLMOBSERVE_FUNCTION_PATTERNS", "*"}}});
  CHECK(run.spans.size() == 5);
  for (const Span& span : run.spans) CHECK(span.name.starts_with("workflow.bare+0x"));
}

TEST_CASE("a program that is not position independent has its names", "[e2e][selection]") {
  Sandbox sandbox;
  compile(source_of("nested_calls.cpp"), sandbox.path() / "fixed", {"-no-pie"});
  CHECK(tree_of(sandbox.run({sandbox.path() / "fixed"}).spans) == kNestedTree);
}

TEST_CASE("debug information in a separate file gives names to a stripped program", "[e2e][selection]") {
  Sandbox sandbox;
  const std::string program = sandbox.path() / "linked";
  compile(source_of("nested_calls.cpp"), program);
  must_run({"objcopy", "--only-keep-debug", program, program + ".debug"});
  must_run({"strip", program});
  must_run({"objcopy", "--add-gnu-debuglink=" + program + ".debug", program});
  CHECK(tree_of(sandbox.run({program}).spans) == kNestedTree);
}

// A plug-in whose plugin_agent() calls a static <name>_agent(). Returns its path.
std::string make_plugin(const fs::path& directory, const std::string& name) {
  std::string text =
      "volatile int work;\n"
      "__attribute__((noinline)) static void NAME_agent() { work = work + 1; }\n"
      "extern \"C\" void plugin_agent() { NAME_agent(); }\n";
  for (std::size_t at = 0; (at = text.find("NAME")) != std::string::npos;) text.replace(at, 4, name);
  const fs::path source = directory / (name + ".cpp");
  const fs::path library = directory / ("lib" + name + ".so");
  write_text(source, text);
  compile(source, library, {"-shared", "-fPIC"});
  return library;
}

TEST_CASE("plug-ins have their own names, also where one takes the other's address", "[e2e][selection]") {
  Sandbox sandbox;
  const std::string first = make_plugin(sandbox.path(), "first");
  const std::string second = make_plugin(sandbox.path(), "second");
  const Run run = sandbox.run({program_path("plugin_host", "gcc-O2"), first, second, first});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.loading_workflow\n"
        "  workflow.plugin_agent\n"
        "    workflow.first_agent\n"
        "workflow.loading_workflow\n"
        "  workflow.plugin_agent\n"
        "    workflow.second_agent\n"
        "workflow.loading_workflow\n"
        "  workflow.plugin_agent\n"
        "    workflow.first_agent\n");
  CHECK(attribute(only_span(run.spans, "workflow.second_agent"), "llmobserve.module") == "libsecond.so");
}

}  // namespace
}  // namespace llmo::test
