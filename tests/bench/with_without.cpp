#include "tests/bench/with_without.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/bench/process.h"
#include "tests/bench/samples.h"
#include "tests/bench/scratch.h"
#include "tests/bench/subject.h"

namespace llmo::bench {
namespace {

std::optional<double> nanos_in(const std::string& file) {
  std::ifstream in(file);
  std::string word;
  double value = 0;
  if (in >> word >> value && word == "nanos") return value;
  return std::nullopt;
}

std::optional<double> measure(const Places& places, const Row& row, bool preload) {
  Command command{{(places.programs / row.program).string(), row.way},
                  common_environment(places),
                  (places.scratch / "out").string()};
  if (preload) {
    command.environment.push_back("LD_PRELOAD=" + places.library.string());
    command.environment.push_back("LLMOBSERVE_PROGRAM=" + places.exporter.string());
    command.environment.push_back("LLMOBSERVE_JOURNAL_DIR=" + places.journals.string());
    command.environment.push_back("LLMOBSERVE_TRACE_DIR=" + (places.scratch / "traces").string());
  }
  const int status = run(command);
  wait_for_orphans(0, std::chrono::seconds{20});
  return status == 0 ? nanos_in(command.output) : std::nullopt;
}

void print_row(const Places& places, const Row& row, std::size_t rounds) {
  Series without;
  Series with;
  for (std::size_t round = 0; round < rounds; ++round) {
    without.push_back(measure(places, row, false));
    with.push_back(measure(places, row, true));
  }
  std::printf("| %s | %s | %s | %s |\n", row.meaning, text_of(median_of(without), 0).c_str(),
              text_of(median_of(with), 0).c_str(), text_of(median_ratio(with, without), 2).c_str());
}

void compare(const Places& places, const char* what, std::span<const Row> rows, std::size_t rounds) {
  adopt_orphans();
  std::printf("| %s | ns without | ns with llmobserve | ratio |\n|---|---|---|---|\n", what);
  for (const Row& row : rows) print_row(places, row, rounds);
}

}  // namespace

int compare_main(int argc, char** argv, const char* what, std::span<const Row> rows) {
  if (argc != 5) return 2;
  const ScratchDirectory disk(std::filesystem::temp_directory_path());
  const ScratchDirectory memory("/dev/shm");
  if (disk.path().empty() || memory.path().empty()) return 1;
  compare({argv[1], argv[2], argv[3], disk.path(), memory.path()}, what, rows,
          std::strtoul(argv[4], nullptr, 10));
  return 0;
}

}  // namespace llmo::bench
