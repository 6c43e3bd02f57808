// Times as settings write them.
#include <catch2/catch.hpp>
#include <string_view>

#include "shim/config/values.h"

namespace llmo::config {
namespace {

TEST_CASE("a time has a unit, and is milliseconds without one", "[settings]") {
  CHECK(parse_duration_nanos("7ns") == 7);
  CHECK(parse_duration_nanos("50us") == 50'000);
  CHECK(parse_duration_nanos("1ms") == 1'000'000);
  CHECK(parse_duration_nanos("1 MS") == 1'000'000);
  CHECK(parse_duration_nanos("2s") == 2'000'000'000);
  CHECK(parse_duration_nanos("3") == 3'000'000);
  CHECK(parse_duration_nanos("0") == 0);
}

TEST_CASE("what is no time is not taken for one", "[settings]") {
  for (const std::string_view text :
       {"", "ms", "-1ms", "1.5ms", "1m", "1h", "one", "99999999999999999999s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration_nanos(text));
  }
}

}  // namespace
}  // namespace llmo::config
