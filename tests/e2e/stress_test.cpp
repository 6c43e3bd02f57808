// Every way in and out of a function, mixed at random: a program that knows its own true tree is believed,
// and what the trace says has to be the same.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

// The text of each root with all below it, sorted: two threads work at once, in no order.
std::vector<std::string> roots_of(const std::string& tree) {
  std::vector<std::string> roots;
  std::istringstream lines(tree);
  for (std::string line; std::getline(lines, line);) {
    if (line.front() != ' ') roots.emplace_back();
    roots.back().append(line).append("\n");
  }
  std::sort(roots.begin(), roots.end());
  return roots;
}

// The first root that only one of the two has.
std::string first_difference(const std::vector<std::string>& expected, const std::vector<std::string>& seen) {
  std::vector<std::string> missing;
  std::set_difference(expected.begin(), expected.end(), seen.begin(), seen.end(),
                      std::back_inserter(missing));
  std::vector<std::string> wrong;
  std::set_difference(seen.begin(), seen.end(), expected.begin(), expected.end(), std::back_inserter(wrong));
  if (missing.empty() && wrong.empty()) return {};
  return std::to_string(missing.size()) + " trees are missing, the first is\n" +
         (missing.empty() ? "" : missing.front()) + std::to_string(wrong.size()) +
         " are wrong, the first is\n" + (wrong.empty() ? "" : wrong.front());
}

TEST_CASE("a thousand random walks through calls and all their ends have their true trees", "[e2e][stress]") {
  const std::string variant = each_variant();
  INFO(variant);
  const Run run = run_under_shim("stress_ways", variant,
                                 {.args = {"1", "1000"},
                                  .env = {{"LLMOBSERVE_JOURNAL_MAX", "1024"}},
                                  .timeout = std::chrono::minutes(4)});
  REQUIRE(run.exit_code == 0);
  const std::vector<std::string> expected = roots_of(run.out);
  CHECK(expected.size() == 1000);
  CHECK(first_difference(expected, roots_of(tree_of(run.spans))) == "");
}

}  // namespace
}  // namespace llmo::test
