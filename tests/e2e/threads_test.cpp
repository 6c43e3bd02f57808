// Threads: each begins where it was made, however it was made, and is as it would be without us.
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/relations.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

TEST_CASE("threads begin where they were made, by whichever way, and keep what was asked for",
          "[e2e][thread]") {
  const std::string variant = each_variant();
  INFO(variant);
  const Run run = run_under_shim("thread_ways", variant);
  CHECK(run.exit_code == 0);  // a bit for each way that is not as it should be
  CHECK(relations_of(run.spans) ==
        "1 - > attributes_workflow\n"
        "1 - > c11_workflow\n"
        "1 - > cancelling_workflow\n"
        "1 - > cpp_workflow\n"
        "1 - > detaching_workflow\n"
        "1 - > early_workflow\n"
        "1 - > lasting_agent end=process_exit\n"
        "1 - > root_agent\n"
        "2 attributes_workflow > attribute_agent\n"
        "2 c11_workflow > c11_agent\n"
        "1 cancelling_workflow > destructor_agent\n"
        "1 cancelling_workflow > spinning_agent end=thread_cancel\n"
        "1 cpp_workflow > async_agent\n"
        "1 cpp_workflow > jthread_agent\n"
        "1 detaching_workflow > detached_agent\n"
        "1 early_workflow > early_agent\n");
}

// 3 000 one after the other, and 200 at once ten times.
TEST_CASE("thousands of short threads lose nothing, and leave nothing mapped", "[e2e][thread]") {
  const Run run = run_under_shim("thread_crowd", "gcc-O2");
  CHECK(run.exit_code == 0);
  CHECK(relations_of(run.spans) ==
        "1 - > crowd_workflow\n"
        "5000 crowd_workflow > outer_agent\n"
        "5000 outer_agent > inner_agent\n");
  std::istringstream counts(run.out);
  int early = 0;
  int late = 0;
  counts >> early >> late;
  CHECK(early > 0);
  CHECK(late <= early + 2);
}

}  // namespace
}  // namespace llmo::test
