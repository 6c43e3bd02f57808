// make bench-http: what an HTTP request costs with llmobserve and without, in one Markdown table.
//
//   bench_http <build directory of the benchmark> <libllmobserve.so> <llmobserve> <pairs of batches>
//
// Both programs live side by side and take turns, a batch of some milliseconds each, on one processor; the
// server has another. A ratio is taken between neighbours, and the median of all ratios counts.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/http/answers.h"
#include "tests/bench/http/worker.h"
#include "tests/bench/interruption.h"
#include "tests/bench/process.h"
#include "tests/bench/processors.h"
#include "tests/bench/samples.h"
#include "tests/bench/scratch.h"
#include "tests/bench/subject.h"
#include "tests/bench/trace_spans.h"

namespace llmo::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kFewerTarget = 2;     // per cent
constexpr double kOwnTimeTarget = 10;  // µs
constexpr std::size_t kMemoryHandles = 10'000;
constexpr std::size_t kMemoryCycles = 3;
// In which what records beside the program takes what the last batch left.
constexpr std::chrono::milliseconds kPause{15};

struct Case {
  const char* name;
  const char* api;
  Answer answer;
  std::size_t handles;
  std::size_t requests;  // of one batch: ten to twenty milliseconds
};

constexpr Case kCases[] = {
    {"1 KB, unknown host", "unknown", kOneKilobyte, 1, 200},
    {"1 KB, chat completion", "openai", kOneKilobyte, 1, 200},
    {"100 KB, unknown host", "unknown", kHundredKilobytes, 1, 100},
    {"100 KB, chat completion", "openai", kHundredKilobytes, 1, 100},
    {"10 MB, unknown host", "unknown", kTenMegabytes, 1, 4},
    {"10 MB, chat completion", "openai", kTenMegabytes, 1, 4},
    {"1 000 chunks, unknown host", "unknown", kStream, 1, 20},
    {"1 000 chunks, streamed chat", "openai", kStream, 1, 20},
    {"multi, 100 handles, unknown host", "unknown", kOneKilobyte, 100, 300},
    {"multi, 100 handles, chat completion", "openai", kOneKilobyte, 100, 300},
};

struct Setup {
  Places places;
  int client_cpu = 0;
  std::string port;
  pid_t server = 0;
};

std::vector<std::string> traced_environment(const Places& places) {
  std::vector<std::string> environment = common_environment(places);
  for (const std::string& variable :
       {"LD_PRELOAD=" + places.library.string(), "LLMOBSERVE_PROGRAM=" + places.exporter.string(),
        "LLMOBSERVE_JOURNAL_DIR=" + places.journals.string(),
        "LLMOBSERVE_TRACE_DIR=" + (places.scratch / "traces").string(),
        std::string{"LLMOBSERVE_EXPORTER=file"}}) {
    environment.push_back(variable);
  }
  return environment;
}

// One batch.
struct Taken {
  double wall_nanos = 0;
  double processor_nanos = 0;
};

std::optional<Taken> take_turn(Worker& worker) {
  std::this_thread::sleep_for(kPause);
  if (!worker.request()) return std::nullopt;
  const std::optional<std::string> line = worker.line();
  Taken taken;
  if (!line || !(std::istringstream{*line} >> taken.wall_nanos >> taken.processor_nanos)) return std::nullopt;
  return taken;
}

// Each pair is one round in the sense of samples.h.
struct Figures {
  Series without_wall, with_wall, without_processor, with_processor;
  std::size_t lost_spans = 0;
};

void add_pair(Worker& without, Worker& with, bool with_first, Figures& figures) {
  std::optional<Taken> traced;
  if (with_first) traced = take_turn(with);
  const std::optional<Taken> bare = take_turn(without);
  if (!with_first) traced = take_turn(with);
  if (!traced || !bare) return;
  figures.without_wall.emplace_back(bare->wall_nanos);
  figures.with_wall.emplace_back(traced->wall_nanos);
  figures.without_processor.emplace_back(bare->processor_nanos);
  figures.with_processor.emplace_back(traced->processor_nanos);
}

// Spans that should be in the trace and are not: one of each request, one of each batch. What is gone was
// cheaper than what was kept.
std::size_t lost_spans(const Places& places, std::size_t expected) {
  const fs::path traces = places.scratch / "traces";
  const std::size_t found = count_spans(traces);
  std::error_code ignored;
  fs::remove_all(traces, ignored);
  return expected > found ? expected - found : 0;
}

Figures measure(const Setup& setup, const Case& what, std::size_t pairs) {
  const std::vector<std::string> command{(setup.places.programs / "http_client").string(),
                                         "requests",
                                         setup.port,
                                         what.api,
                                         std::to_string(what.answer),
                                         std::to_string(what.handles),
                                         std::to_string(what.requests),
                                         std::to_string(setup.client_cpu)};
  Figures figures;
  {
    Worker without{command, common_environment(setup.places)};
    Worker with{command, traced_environment(setup.places)};
    for (std::size_t pair = 0; pair < pairs && !interrupted(); ++pair) {
      add_pair(without, with, pair % 2 == 1, figures);
    }
  }
  wait_for_orphans(setup.server, std::chrono::seconds{60});
  figures.lost_spans =
      lost_spans(setup.places, figures.with_wall.size() * (what.requests + 1) + what.handles + 1);
  return figures;
}

const char* verdict(std::optional<double> value, double target) {
  return !value ? "not measured" : *value <= target ? "met" : "MISSED";
}

void print_row(const Case& what, const Figures& figures) {
  const auto requests = static_cast<double>(what.requests);
  const std::optional<double> bare = median_of(figures.without_wall);
  const std::optional<double> ratio = median_ratio(figures.without_wall, figures.with_wall);
  std::optional<double> own = median_difference(figures.with_processor, figures.without_processor);
  std::optional<double> rate;
  std::optional<double> fewer;
  if (bare) rate = requests * 1e9 / *bare;
  if (ratio) fewer = 100 * (1 - *ratio);
  if (own) *own /= 1'000 * requests;
  std::printf("| %s | %s | %s | %s %% | %s | %s | %s |\n", what.name, text_of(rate, 0).c_str(),
              text_of(ratio, 3).c_str(), text_of(fewer, 1).c_str(), verdict(fewer, kFewerTarget),
              text_of(own, 1).c_str(), verdict(own, kOwnTimeTarget));
  if (figures.lost_spans != 0)
    std::printf("| * %zu spans are not in the trace | | | | | | |\n", figures.lost_spans);
  std::fflush(stdout);
}

struct Memory {
  std::vector<double> full;
  std::vector<double> after;
};

Memory measure_memory(const Setup& setup, const char* api, const std::vector<std::string>& environment) {
  Worker worker{{(setup.places.programs / "http_client").string(), "memory", setup.port, api,
                 std::to_string(kMemoryCycles), std::to_string(kMemoryHandles)},
                environment};
  Memory memory;
  for (std::size_t cycle = 0; cycle < kMemoryCycles; ++cycle) {
    double full = 0;
    double after = 0;
    const std::optional<std::string> line = worker.line();
    if (!line || !(std::istringstream{*line} >> full >> after)) break;
    memory.full.push_back(full);
    memory.after.push_back(after);
  }
  return memory;
}

void print_memory(const Setup& setup, const char* api) {
  const Memory without = measure_memory(setup, api, common_environment(setup.places));
  const Memory with = measure_memory(setup, api, traced_environment(setup.places));
  if (without.full.size() < kMemoryCycles || with.full.size() < kMemoryCycles) {
    std::printf("- %s: the handles could not be measured\n", api);
    return;
  }
  const double own = (with.full.back() - without.full.back()) / static_cast<double>(kMemoryHandles);
  std::printf("| %s | %.1f | %.1f | %+.0f | %+.0f |\n", api,
              without.full.back() / 1024 / static_cast<double>(kMemoryHandles), own / 1024,
              (with.full.back() - with.full.front()) / 1024, (with.after.back() - with.after.front()) / 1024);
}

void print_all(const Setup& setup, std::size_t pairs) {
  std::printf("| request | per second without | ratio | fewer | ≤ %.0f %% | our own time, µs | ≤ %.0f µs |\n",
              kFewerTarget, kOwnTimeTarget);
  std::printf("|---|---|---|---|---|---|---|\n");
  for (const Case& what : kCases) {
    if (!interrupted()) print_row(what, measure(setup, what, pairs));
  }
  std::printf(
      "\n| %zu handles | libcurl's, KB each | ours, KB each | growth in use, KB | growth after, KB |\n",
      kMemoryHandles);
  std::printf("|---|---|---|---|---|\n");
  for (const char* const api : {"unknown", "openai"}) {
    if (!interrupted()) print_memory(setup, api);
  }
}

int run_benchmark(char** arguments) {
  const fs::path programs = fs::absolute(arguments[1]);
  const ScratchDirectory scratch{programs};
  const ScratchDirectory journals{"/dev/shm"};
  if (scratch.path().empty() || journals.path().empty()) {
    std::fprintf(stderr, "bench_http: cannot write to %s or /dev/shm\n", programs.c_str());
    return 1;
  }
  const Processors processors = choose_processors();
  stay_on(processors.others);
  end_early_on_signals();
  const Places places{programs, fs::absolute(arguments[2]), fs::absolute(arguments[3]), scratch.path(),
                      journals.path()};
  Worker server{{(programs / "http_server").string(), std::to_string(processors.others)},
                common_environment(places)};
  const std::optional<std::string> port = server.line();
  if (!port) {
    std::fprintf(stderr, "bench_http: the server does not start\n");
    return 1;
  }
  print_all({places, processors.own, *port, server.pid()}, std::strtoul(arguments[4], nullptr, 10));
  return interrupted() ? 130 : 0;
}

}  // namespace
}  // namespace llmo::bench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench_http PROGRAMS LIBRARY PROGRAM PAIRS\n");
    return 2;
  }
  llmo::bench::adopt_orphans();
  return llmo::bench::run_benchmark(argv);
}
