// Runs the rest of a test case once for each way in which the programs are built.
#pragma once

#include <catch2/catch.hpp>
#include <iterator>
#include <string>

#include "tests/support/run.h"

namespace llmo::test {

inline std::string each_variant() { return GENERATE(from_range(std::begin(kVariants), std::end(kVariants))); }

}  // namespace llmo::test
