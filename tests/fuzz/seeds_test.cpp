// Every input that is kept goes through its fuzzer in every test run: the seeds, and what once failed.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// The fuzzers, named and compiled by the Makefile.
#define LLMO_FUZZER(name) extern "C" int name(const std::uint8_t* data, std::size_t size);
LLMO_FUZZERS
#undef LLMO_FUZZER

namespace {

namespace fs = std::filesystem;

struct Fuzzer {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

constexpr Fuzzer kFuzzers[] = {
#define LLMO_FUZZER(name) {#name, &name},
    LLMO_FUZZERS
#undef LLMO_FUZZER
};

std::vector<std::uint8_t> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t run_all(const Fuzzer& fuzzer, const fs::path& directory) {
  std::size_t files = 0;
  if (!fs::is_directory(directory)) return files;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    INFO(entry.path().string());
    const std::vector<std::uint8_t> input = read_file(entry.path());
    CHECK(fuzzer.run(input.data(), input.size()) == 0);
    ++files;
  }
  return files;
}

TEST_CASE("every fuzzer has seeds, and nothing that was kept fails any more", "[fuzz]") {
  for (const Fuzzer& fuzzer : kFuzzers) {
    INFO(fuzzer.name);
    CHECK(run_all(fuzzer, fs::path("tests/fuzz/seeds") / fuzzer.name) > 0);
    run_all(fuzzer, fs::path("tests/fuzz/regressions") / fuzzer.name);
    CHECK(fuzzer.run(nullptr, 0) == 0);
  }
}

}  // namespace
