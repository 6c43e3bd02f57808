// How many spans a second the export path takes on one processor, from the journal to the bytes that are
// sent.
//
//   bench_export ROUNDS SPANS                  the table
//   bench_export ROUNDS SPANS STAGE PERCENT    one stage only, of a mix with so many API calls: for a profiler
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/span/clock.h"
#include "tests/bench/export/journal.h"
#include "tests/bench/export/stages.h"
#include "tests/bench/samples.h"
#include "tests/bench/scratch.h"

namespace {

using namespace llmo::bench;

constexpr Mix kMixes[] = {{"90 % calls, 10 % API calls", 10}, {"calls only", 0}, {"API calls only", 100}};

struct StageRow {
  Stage stage;
  const char* word;
  const char* meaning;
};
constexpr StageRow kStages[] = {
    {Stage::kCopy, "copy", "the journal's bytes, read and dropped"},
    {Stage::kDecode, "decode", "records, checked"},
    {Stage::kSpans, "spans", "spans with all attributes"},
    {Stage::kProtobuf, "protobuf", "spans as OTLP protobuf"},
    {Stage::kGzip, "gzip", "the same, gzip"},
    {Stage::kJson, "json", "spans as OTLP JSON"},
};

struct Options {
  std::size_t rounds = 5;
  std::size_t spans = 200'000;
  std::string_view stage{};
  int api_percent = 10;
};

// Ticks of the TSC, by CLOCK_MONOTONIC over a twentieth of a second.
std::uint64_t measure_ticks_per_second() {
  const auto from = llmo::take_clock_pair(llmo::journal::ClockKind::kTsc);
  auto to = from;
  while (to.monotonic_nanos - from.monotonic_nanos < 50'000'000) {
    to = llmo::take_clock_pair(llmo::journal::ClockKind::kTsc);
  }
  return (to.ticks - from.ticks) * 1'000'000'000 / (to.monotonic_nanos - from.monotonic_nanos);
}

struct Measured {
  Series nanos;  // a span
  double bytes = 0;
};

void measure(const Mix& mix, const Options& options, const std::string& directory,
             std::array<Measured, std::size(kStages)>& measured) {
  const std::uint64_t ticks_per_second = measure_ticks_per_second();
  auto image = make_journal(mix, options.spans, ticks_per_second);
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < std::size(kStages); ++i) {
      if (!options.stage.empty() && options.stage != kStages[i].word) continue;
      const std::string path = image.save(directory);  // anew: what was read has been given back
      const Run run = run_stage(kStages[i].stage, path, ticks_per_second);
      const auto spans = static_cast<double>(options.spans);
      measured[i].nanos.push_back(run.nanos / spans);
      measured[i].bytes = static_cast<double>(run.bytes) / spans;
      std::filesystem::remove(path);
      if (run.spans != options.spans && kStages[i].stage != Stage::kCopy) {
        std::fprintf(stderr, "bench_export: %s: %zu spans of %zu\n", kStages[i].word, run.spans,
                     options.spans);
      }
    }
  }
}

void print(const Mix& mix, const std::array<Measured, std::size(kStages)>& measured) {
  std::printf("\n| %s | ns a span | M spans/s | × decoding | bytes a span |\n|---|---|---|---|---|\n",
              mix.name);
  const Series& decoding = measured[1].nanos;
  for (std::size_t i = 0; i < std::size(kStages); ++i) {
    const auto nanos = median_of(measured[i].nanos);
    const auto rate = nanos ? std::optional<double>(1e3 / *nanos) : std::nullopt;
    std::printf("| %s | %s | %s | %s | %.0f |\n", kStages[i].meaning, text_of(nanos, 0).c_str(),
                text_of(rate, 2).c_str(), text_of(median_ratio(measured[i].nanos, decoding), 1).c_str(),
                measured[i].bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 1) options.rounds = std::strtoull(argv[1], nullptr, 10);
  if (argc > 2) options.spans = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3) options.stage = argv[3];
  if (argc > 4) options.api_percent = std::atoi(argv[4]);
  const ScratchDirectory scratch("/dev/shm");
  if (scratch.path().empty() || options.rounds == 0 || options.spans == 0) {
    std::fputs("usage: bench_export ROUNDS SPANS [STAGE]\n", stderr);
    return 2;
  }
  std::printf(
      "From the journal to the bytes that are sent: %zu spans, %zu rounds, processor time of one thread.\n",
      options.spans, options.rounds);
  for (const Mix& mix : kMixes) {
    if (!options.stage.empty() && mix.api_percent != options.api_percent) continue;
    std::array<Measured, std::size(kStages)> measured;
    measure(mix, options, scratch.path().string(), measured);
    print(mix, measured);
    std::fflush(stdout);
  }
  return 0;
}
