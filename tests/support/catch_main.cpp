// The main() of every Catch2 runner: slow to compile, so it stands alone.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
