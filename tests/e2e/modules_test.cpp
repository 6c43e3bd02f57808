// Code that comes and goes: plug-ins with the same names, at the same addresses, in namespaces of their own.
#include <catch2/catch.hpp>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

// A plug-in whose plugin_agent() calls a function of its own name.
std::string make_plugin(const fs::path& directory, const std::string& name, const std::string& extra = {}) {
  const std::string library = directory / ("lib" + name + ".so");
  const fs::path source = directory / (name + ".c");
  write_text(source,
             "volatile int work;\n"
             "__attribute__((noinline)) void " +
                 name +
                 "_handler(void) { work = work + 1; }\n"
                 "__attribute__((noinline)) void plugin_agent(void) { " +
                 name + "_handler(); work = 0; }\n" + extra);
  REQUIRE(run_command(
              {.argv = {"gcc", "-O2", "-finstrument-functions", "-shared", "-fPIC", source, "-o", library}})
              .exit_code == 0);
  return library;
}

Run run_plugins(Sandbox& sandbox, const std::string& how, const std::vector<std::string>& plugins) {
  std::vector<std::string> command{program_path("module_host", "gcc-O2"), how};
  command.insert(command.end(), plugins.begin(), plugins.end());
  return sandbox.run(command);
}

std::string plugin_call(const std::string& name) {
  return "  workflow.plugin_agent\n    workflow." + name + "_handler\n";
}

TEST_CASE("plug-ins with the same symbol names are told apart", "[e2e][module]") {
  Sandbox sandbox;
  const Run run = run_plugins(sandbox, "together",
                              {make_plugin(sandbox.path(), "first"), make_plugin(sandbox.path(), "second")});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == "workflow.plugin_workflow\n" + plugin_call("first") + plugin_call("second") +
                                  "  workflow.host_agent\n");
}

TEST_CASE("a library at the address of one that is gone has its own names", "[e2e][module]") {
  Sandbox sandbox;
  const std::string first = make_plugin(sandbox.path(), "first");
  const std::string other = make_plugin(sandbox.path(), "other");
  const Run run = run_plugins(sandbox, "in_turn", {first, other, first, other});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) == "workflow.plugin_workflow\n" + plugin_call("first") + plugin_call("other") +
                                  plugin_call("first") + plugin_call("other") + "  workflow.host_agent\n");
}

TEST_CASE("functions run before a plug-in's constructor ends and in its destructor", "[e2e][module]") {
  Sandbox sandbox;
  const std::string plugin =
      make_plugin(sandbox.path(), "early",
                  "__attribute__((noinline)) void loading_agent(void) { work = 2; }\n"
                  "__attribute__((noinline)) void unloading_agent(void) { work = 3; }\n"
                  "__attribute__((constructor)) static void load(void) { loading_agent(); }\n"
                  "__attribute__((destructor)) static void unload(void) { unloading_agent(); }\n");
  const Run run = run_plugins(sandbox, "in_turn", {plugin, plugin});
  CHECK(run.exit_code == 0);
  const std::string once =
      "  workflow.loading_agent\n" + plugin_call("early") + "  workflow.unloading_agent\n";
  CHECK(tree_of(run.spans) == "workflow.plugin_workflow\n" + once + once + "  workflow.host_agent\n");
}

TEST_CASE("a plug-in's constructor may wait for a thread that switches to a fiber", "[e2e][module][fiber]") {
  Sandbox sandbox;
  const std::string plugin = make_plugin(
      sandbox.path(), "waiting",
      "#include <pthread.h>\n"
      "#include <ucontext.h>\n"
      "static ucontext_t starter, fiber;\n"
      "static char memory[65536];\n"
      "static void nothing(void) {}\n"
      "static void* switch_over(void* argument) {\n"
      "  getcontext(&fiber);\n"
      "  fiber.uc_stack.ss_sp = memory, fiber.uc_stack.ss_size = sizeof memory, fiber.uc_link = &starter;\n"
      "  makecontext(&fiber, nothing, 0);\n"
      "  swapcontext(&starter, &fiber);\n"
      "  return argument;\n"
      "}\n"
      "__attribute__((constructor)) static void load(void) {\n"
      "  pthread_t thread;\n"
      "  pthread_create(&thread, 0, switch_over, 0);\n"
      "  pthread_join(thread, 0);\n"
      "}\n");
  const Run run = run_plugins(sandbox, "in_turn", {plugin});
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.plugin_workflow\n" + plugin_call("waiting") + "  workflow.host_agent\n");
}

TEST_CASE("what dlmopen() loads is not seen and does no harm", "[e2e][module]") {
  Sandbox sandbox;
  const Run run = run_plugins(sandbox, "namespaces", {make_plugin(sandbox.path(), "hidden")});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(tree_of(run.spans) == "workflow.plugin_workflow\n  workflow.host_agent\n");
}

}  // namespace
}  // namespace llmo::test
