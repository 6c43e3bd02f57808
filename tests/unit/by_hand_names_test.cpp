// What functions say of themselves, and the names that blocks have from it.
#include <catch2/catch.hpp>
#include <string_view>

#include "shim/span/by_hand_names.h"

namespace llmo::span::by_hand {
namespace {

struct Row {
  std::string_view pretty;
  std::string_view name;
};

TEST_CASE("what gcc and clang say of a function is its qualified name and more", "[by_hand]") {
  const Row row = GENERATE(
      Row{"rank", "rank"}, Row{"int main()", "main"},
      Row{"acme::Planner::Planner()", "acme::Planner::Planner"},
      Row{"acme::Planner::~Planner()", "acme::Planner::~Planner"},
      Row{"const T* acme::Planner::typed(T) const [with T = long int]", "acme::Planner::typed"},
      Row{"const T *acme::Planner::typed(T) const [T = long]", "acme::Planner::typed"},
      Row{"T acme::Box<acme::Box<int>>::open() [T = acme::Box<int>]", "acme::Box::open"},
      Row{"bool acme::Planner::operator<(const acme::Planner&) const", "acme::Planner::operator<"},
      Row{"int acme::Planner::operator()(int)", "acme::Planner::operator()"},
      Row{"acme::Planner::operator std::string() const", "acme::Planner::operator std::string"},
      Row{"acme::lam()::<lambda(int)>", "acme::lam::{lambda}::operator()"},
      Row{"acme::lam()::<lambda(auto:1)> [with auto:1 = double]", "acme::lam::{lambda}::operator()"},
      Row{"auto acme::lam()::(anonymous class)::operator()(int) const", "acme::lam::{lambda}::operator()"},
      Row{"void {anonymous}::anon(int)", "(anonymous namespace)::anon"},
      Row{"static unsigned int (anonymous namespace)::A::f(void (*)(int))", "(anonymous namespace)::A::f"},
      Row{"void L::m()::In::x()", "L::m::In::x"}, Row{"void operator_agent()", "operator_agent"},
      Row{"std::map<int, long> f(int)", "f"});
  CHECK(function_name_of(row.pretty) == row.name);
}

TEST_CASE("no text is too odd for a name", "[by_hand]") {
  for (const std::string_view text :
       {"", "(", ")", "<", "::", "operator", "<lambda(", "a<b<c", "f(int", "   "}) {
    CHECK(function_name_of(text).size() <= text.size() + std::string_view("{lambda}::operator()").size());
  }
  CHECK(span_name("") == "workflow.block");
}

TEST_CASE("a symbol's name is the function's if all of it or its last part is", "[by_hand]") {
  CHECK(is_same_function("acme::rank", "rank"));
  CHECK(is_same_function("acme::rank", "acme::rank"));
  CHECK(is_same_function("ns::run::{lambda#1}::operator()", "ns::run::{lambda}::operator()"));
  CHECK_FALSE(is_same_function("acme::prank", "rank"));
  CHECK_FALSE(is_same_function("rank", "acme::rank"));
  CHECK_FALSE(is_same_function("rank", ""));
}

}  // namespace
}  // namespace llmo::span::by_hand
