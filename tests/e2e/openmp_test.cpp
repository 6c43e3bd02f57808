// OpenMP, gcc's and clang's: what the threads of a region do, and whoever takes up a task, hangs under the
// call that met it.
#include <catch2/catch.hpp>
#include <set>

#include "tests/e2e/relations.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr const char* kRelations =
    "1 - > deep_workflow\n"
    "1 - > detached_workflow\n"
    "10 - > lonely_agent\n"
    "1 - > loops_workflow\n"
    "1 - > nested_workflow\n"
    "1 - > reduction_workflow\n"
    "1 - > region_workflow\n"
    "1 - > sections_workflow\n"
    "1 - > serial_workflow\n"
    "1 - > taskloops_workflow\n"
    "1 - > tasks_workflow\n"
    "4 - > waiting_workflow\n"
    "8 copied_tasks_agent > task_agent\n"
    "1 deep_workflow > deeper_agent\n"
    "59 deeper_agent > deeper_agent\n"
    "1 detached_workflow > task_agent\n"
    "54 loops_workflow > step_agent\n"
    "2 nested_workflow > outer_agent\n"
    "1 odd_tasks_agent > parent_task_agent\n"
    "5 odd_tasks_agent > task_agent\n"
    "4 outer_agent > inner_agent\n"
    "1 parent_task_agent > child_agent\n"
    "8 plain_tasks_agent > task_agent\n"
    "2 reduction_workflow > task_agent\n"
    "4 region_workflow > step_agent\n"
    "2 sections_workflow > section_agent\n"
    "1 serial_workflow > taskloops_agent\n"
    "50 taskloops_agent > part_agent\n"
    "1 taskloops_workflow > taskloops_agent\n"
    "1 tasks_workflow > copied_tasks_agent\n"
    "1 tasks_workflow > odd_tasks_agent\n"
    "1 tasks_workflow > plain_tasks_agent\n"
    "1 tasks_workflow > waiting_agent\n";

TEST_CASE("regions and tasks of OpenMP hang under the call that met them, on every thread", "[e2e][openmp]") {
  const std::string variant = each_variant();
  INFO(variant);
  const Run run = run_under_shim("openmp_ways", variant);
  CHECK(run.exit_code == 0);  // a bit for each part that came out wrong
  CHECK(relations_of(run.spans) == kRelations);
  std::set<std::string> threads;
  for (const Span& span : spans_named(run.spans, "workflow.lonely_agent"))
    threads.insert(attribute(span, "thread.id"));
  CHECK(threads.size() >= 4);
}

std::string make_tool(const std::filesystem::path& directory) {
  const std::string library = directory / "libtool.so";
  write_text(directory / "tool.c", R"(
#include <unistd.h>
static void on_region(void) { write(1, "told\n", 5); }
static int begin(void (*(*lookup)(const char*))(void), int device, void* data) {
  ((int (*)(int, void (*)(void)))lookup("ompt_set_callback"))(3, on_region);
  return 1;
}
static void end(void* data) {}
struct { void *begin, *end, *data; } tool = {begin, end, 0};
void* ompt_start_tool(unsigned version, const char* runtime) { return &tool; }
)");
  REQUIRE(run_command({.argv = {"gcc", "-w", "-shared", "-fPIC", directory / "tool.c", "-o", library}})
              .exit_code == 0);
  return library;
}

TEST_CASE("a program's own OpenMP tool is the one that is told", "[e2e][openmp]") {
  const bool is_named = GENERATE(true, false);
  const TempDir directory;
  const std::string tool = make_tool(directory.path());
  const Environment environment = is_named ? Environment{{"OMP_TOOL_LIBRARIES", tool}}
                                           : Environment{{"LD_PRELOAD", preload_value() + ":" + tool}};
  const Run run = run_under_shim("openmp_ways", "clang-O2", {.env = environment});
  CHECK(run.exit_code == 0);
  CHECK(run.out.starts_with("told\ntold\n"));
  CHECK(relations_of(run.spans).find("1 - > region_workflow\n") != std::string::npos);
}

}  // namespace
}  // namespace llmo::test
