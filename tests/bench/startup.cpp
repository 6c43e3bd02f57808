#include "tests/bench/startup.h"

#include <chrono>

#include "tests/bench/process.h"

namespace llmo::bench {
namespace {

Command true_with(const Places& places, const std::filesystem::path& library) {
  Command command{{"/bin/true"}, common_environment(places), (places.scratch / "true.out").string()};
  if (!library.empty()) {
    command.environment.push_back("LD_PRELOAD=" + library.string());
    command.environment.push_back("LLMOBSERVE_PROGRAM=" + places.exporter.string());
    command.environment.push_back("LLMOBSERVE_JOURNAL_DIR=" + places.journals.string());
  }
  return command;
}

std::optional<double> micros_of(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  if (run(command) != 0) return std::nullopt;
  return std::chrono::duration<double, std::micro>{std::chrono::steady_clock::now() - start}.count();
}

}  // namespace

StartTimes measure_starts(const Places& places, std::size_t spawns) {
  const Command bare = true_with(places, {});
  const Command empty = true_with(places, places.programs / "empty_hooks.so");
  const Command llmobserve = true_with(places, places.library);
  const bool built = std::filesystem::exists(places.library);
  StartTimes times;
  for (std::size_t spawn = 0; spawn < spawns; ++spawn) {
    times.bare.push_back(micros_of(bare));
    times.empty.push_back(micros_of(empty));
    if (built) times.llmobserve.push_back(micros_of(llmobserve));
  }
  return times;
}

}  // namespace llmo::bench
