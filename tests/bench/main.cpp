// make bench: runs every subject in turns, round after round, and prints one table.
//
//   bench <build directory of the benchmark> <libllmobserve.so> <llmobserve> <rounds>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/bench/interruption.h"
#include "tests/bench/process.h"
#include "tests/bench/processors.h"
#include "tests/bench/report.h"
#include "tests/bench/scratch.h"
#include "tests/bench/startup.h"
#include "tests/bench/subject.h"

namespace llmo::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kBatches = 15;
constexpr std::size_t kSpawns = 400;
// What a recording run may need for its journal, with room to spare.
constexpr std::uintmax_t kJournalRoom = std::uintmax_t{1} << 30;
constexpr std::chrono::seconds kOrphanDeadline{60};

// What the workload program printed; a tracer's own words between its lines do no harm.
Result parse(const fs::path& output) {
  Result result;
  std::ifstream file{output};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string key;
    words >> key;
    if (key == "hooks") words >> result.hooks;
    if (key == "calls") words >> result.calls;
    for (std::size_t workload = 0; workload < kWorkloads.size(); ++workload) {
      if (key == kWorkloads[workload]) words >> result.nanos[workload];
    }
  }
  return result;
}

// Runs one subject once and puts its figures, or why there are none, into `measured`.
class Round {
 public:
  Round(const Places& places, const Processors& processors, pid_t daemon)
      : places_{places}, processors_{processors}, daemon_{daemon} {}

  void measure(const Subject& subject, Measured& measured) const {
    const bool prepared = !subject.prepare || subject.prepare();
    const int status = prepared ? run(command(subject)) : -1;
    const bool in_time = wait_for_orphans(daemon_, interrupted() ? std::chrono::seconds{0} : kOrphanDeadline);
    const Result result = parse(output());
    const std::string remark = subject.finish ? subject.finish(result) : "";

    const bool right_hooks = result.hooks.find(subject.hooks) != std::string::npos;
    const bool usable = status == 0 && right_hooks;
    for (std::size_t workload = 0; workload < kWorkloads.size(); ++workload) {
      measured.nanos[workload].push_back(usable ? std::optional{result.nanos[workload]} : std::nullopt);
    }
    if (!prepared) ++measured.remarks["could not be set up"];
    if (prepared && status != 0)
      ++measured.remarks["the program ended with status " + std::to_string(status)];
    if (status == 0 && !right_hooks) ++measured.remarks["the hooks came from " + result.hooks];
    if (!in_time) ++measured.remarks["what it had started was still running after a minute, and was killed"];
    if (!remark.empty()) ++measured.remarks[remark];
  }

 private:
  fs::path output() const { return places_.scratch / "workload.out"; }

  Command command(const Subject& subject) const {
    Command command{subject.wrapper, common_environment(places_), output().string()};
    const char* const program = subject.instrumented ? "workload" : "workload_plain";
    for (const std::string& word : {(places_.programs / program).string(), std::to_string(processors_.own),
                                    std::to_string(processors_.second), std::to_string(kBatches),
                                    std::to_string(subject.pause_millis)}) {
      command.arguments.push_back(word);
    }
    command.environment.insert(command.environment.end(), subject.environment.begin(),
                               subject.environment.end());
    return command;
  }

  const Places& places_;
  const Processors& processors_;
  pid_t daemon_;
};

Report measure_all(const Places& places, std::size_t rounds) {
  const Processors processors = choose_processors();
  stay_on(processors.others);

  Report report;
  report.rounds = rounds;
  report.starts = measure_starts(places, kSpawns);

  SubjectList list;
  add_floors(places, list);
  add_llmobserve(places, list);
  add_uftrace(places, list);
  const LttngDaemon daemon{places, list};
  report.missing = list.missing;
  for (const Subject& subject : list.subjects) report.subjects.push_back({subject.name, {}, {}});

  const Round round{places, processors, daemon.pid()};
  for (std::size_t number = 0; number < rounds && !interrupted(); ++number) {
    if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\rround %zu of %zu ", number + 1, rounds);
    for (std::size_t index = 0; index < list.subjects.size() && !interrupted(); ++index) {
      round.measure(list.subjects[index], report.subjects[index]);
    }
  }
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K");
  return report;
}

int run_benchmark(char** arguments) {
  const fs::path programs = fs::absolute(arguments[1]);
  const ScratchDirectory scratch{programs};
  const ScratchDirectory memory{"/dev/shm"};
  if (scratch.path().empty()) {
    std::fprintf(stderr, "bench: cannot write to %s\n", programs.c_str());
    return 1;
  }
  const bool in_memory = !memory.path().empty() && free_bytes(memory.path()) >= kJournalRoom;
  const Places places{programs, fs::absolute(arguments[2]), fs::absolute(arguments[3]), scratch.path(),
                      in_memory ? memory.path() : scratch.path() / "journals"};
  end_early_on_signals();
  Report report = measure_all(places, std::strtoul(arguments[4], nullptr, 10));
  if (interrupted()) return 130;
  if (!in_memory) report.missing.emplace_back("/dev/shm is too small: the journals were on disk");
  print(report);
  return 0;
}

}  // namespace
}  // namespace llmo::bench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench PROGRAMS LIBRARY PROGRAM ROUNDS\n");
    return 2;
  }
  llmo::bench::adopt_orphans();
  return llmo::bench::run_benchmark(argv);
}
