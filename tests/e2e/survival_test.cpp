// What remains when the host, the exporter or the space goes away at any moment.
#include <signal.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "tests/e2e/lost_spans.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using std::chrono::milliseconds;

// The number of calls that had returned when counted_calls was killed: the first word of its file.
std::uint64_t counter_in(const std::filesystem::path& file) {
  const std::string bytes = read_text(file);
  std::uint64_t count = 0;
  if (bytes.size() >= sizeof(count)) std::memcpy(&count, bytes.data(), sizeof(count));
  return count;
}

bool is_finished(const Span& span) { return !has_attribute(span, "llmobserve.end"); }

std::size_t distinct_ids(const std::vector<Span>& spans) {
  std::set<std::string> ids;
  for (const Span& span : spans) ids.insert(span.trace_id + span.span_id);
  return ids.size();
}

struct Killed {
  pid_t pid;
  std::uint64_t returned;
};

// Runs counted_calls and kills it a while after its first call has returned.
Killed run_and_kill(Sandbox& sandbox, int number, std::chrono::microseconds life) {
  const std::filesystem::path counter = sandbox.path() / ("counter" + std::to_string(number));
  Command command;
  command.argv = {program_path("counted_calls", number % 2 == 0 ? "gcc-O2" : "clang-O2"), counter};
  command.environment = sandbox.environment();
  command.environment["LD_PRELOAD"] = preload_value();
  command.while_running = [&counter, life](pid_t pid) {
    wait_until([&counter] { return counter_in(counter) > 0; });
    std::this_thread::sleep_for(life);
    ::kill(pid, SIGKILL);
  };
  const Finished finished = run_command(command);
  return {finished.pid, counter_in(counter)};
}

// The finished spans of each process of a trace.
std::map<std::string, std::uint64_t> finished_by_pid(const std::vector<Span>& spans) {
  std::map<std::string, std::uint64_t> result;
  for (const Span& span : spans) {
    if (span.name == "workflow.counted_agent" && is_finished(span))
      ++result[resource_attribute(span, "process.pid")];
  }
  return result;
}

TEST_CASE("200 processes killed at random have lost no span whose function had returned", "[e2e][survival]") {
  constexpr int kBatches = 10;
  constexpr int kPerBatch = 20;
  std::mt19937 random(20'260'101);
  std::uniform_int_distribution<int> lives(0, 15'000);
  for (int batch = 0; batch < kBatches; ++batch) {
    Sandbox sandbox;
    std::vector<Killed> all;
    all.reserve(kPerBatch);
    for (int i = 0; i < kPerBatch; ++i)
      all.push_back(run_and_kill(sandbox, i, std::chrono::microseconds(lives(random))));
    sandbox.wait_for_export();
    const std::vector<Span> spans = sandbox.spans();
    const auto finished = finished_by_pid(spans);
    CHECK(distinct_ids(spans) == spans.size());
    CHECK(lost_spans(spans) == 0);
    for (const Killed& killed : all) {
      INFO("batch " << batch << ", pid " << killed.pid << ", returned " << killed.returned);
      const auto found = finished.find(std::to_string(killed.pid));
      REQUIRE(found != finished.end());
      // One call may have finished and not have been counted.
      CHECK(found->second >= killed.returned);
      CHECK(found->second <= killed.returned + 1);
    }
  }
}

// Runs counted_calls with so many calls, and kills its exporter whenever there is one, `kills` times.
Run run_killing_exporters(Sandbox& sandbox, int kills, const std::string& calls) {
  RunOptions options{.args = {sandbox.path() / "counter", calls}, .wait_for_export = false};
  options.while_running = [&sandbox, kills](pid_t) {
    for (int i = 0; i < kills; ++i) {
      wait_until([&sandbox] { return !sandbox.exporters().empty(); }, milliseconds{2000});
      for (const pid_t exporter : sandbox.exporters()) ::kill(exporter, SIGKILL);
    }
  };
  return sandbox.run({program_path("counted_calls", "gcc-O2")}, options);
}

TEST_CASE("when the exporter is killed, recover exports everything, and nothing twice", "[e2e][survival]") {
  Sandbox sandbox;
  const int kills = GENERATE(1, 3);
  INFO(kills << " kills");
  const Run run = run_killing_exporters(sandbox, kills, "20000");
  CHECK(run.exit_code == 0);
  for (const pid_t exporter : sandbox.exporters()) ::kill(exporter, SIGKILL);
  CHECK(wait_until([&sandbox] { return sandbox.exporters().empty(); }));

  const Finished recovered = sandbox.llmobserve({"recover"});
  INFO(recovered.out << recovered.err);
  CHECK(recovered.exit_code == 0);
  CHECK(sandbox.sessions().empty());
  const std::vector<Span> spans = sandbox.spans();
  CHECK(spans_named(spans, "workflow.counted_agent").size() == 20'000);
  CHECK(distinct_ids(spans) == spans.size());
}

TEST_CASE("recover has nothing to do where nothing was left", "[e2e][survival]") {
  Sandbox sandbox;
  CHECK(sandbox.run({program_path("nested_calls", "gcc-O2")}).spans.size() == 3);
  CHECK(sandbox.llmobserve({"recover"}).exit_code == 0);
  CHECK(sandbox.spans().size() == 3);
}

TEST_CASE("a journal that is full costs spans, which are counted, and not the host", "[e2e][survival]") {
  Sandbox sandbox;
  RunOptions options{.args = {"300000"},
                     .env = {{"LLMOBSERVE_JOURNAL_MAX", "1"}, {"LLMOBSERVE_THROTTLE", "false"}}};
  const Run run = sandbox.run({program_path("many_spans", "gcc-O2")}, options);
  CHECK(run.exit_code == 0);
  CHECK(run.out == "done\n");
  CHECK(run.err.empty());
  const std::vector<Span> spans = spans_named(run.spans, "workflow.small_agent");
  CHECK(spans.size() + lost_spans(run.spans) == 300'000);
  CHECK(lost_spans(run.spans) > 0);
}

TEST_CASE("more spans than the journal holds at once are exported while the program runs",
          "[e2e][survival]") {
  Sandbox sandbox;
  // 100 000 spans are 6.4 MB; the calls come slowly enough for an exporter that keeps up.
  RunOptions options{.args = {sandbox.path() / "counter", "100000"},
                     .env = {{"LLMOBSERVE_JOURNAL_MAX", "4"}, {"LLMOBSERVE_THROTTLE", "false"}}};
  const Run run = sandbox.run({program_path("counted_calls", "gcc-O2")}, options);
  const std::vector<Span> spans = spans_named(run.spans, "workflow.counted_agent");
  CHECK(spans.size() + lost_spans(run.spans) == 100'000);
  CHECK(spans.size() > 65'536);
}

TEST_CASE("a host whose journal cannot be written runs as without us", "[e2e][survival]") {
  const std::string directory = GENERATE(as<std::string>{}, "/proc/nope", "/dev/null/x", "/sys/kernel");
  INFO(directory);
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("prints_and_fails", "gcc-O2")},
                              {.env = {{"LLMOBSERVE_JOURNAL_DIR", directory}}, .input = "line\n"});
  CHECK(run.exit_code == 42);
  CHECK(run.out == "read line\ncaught expected\n");
  CHECK(run.err == "from a thread\n");
}

TEST_CASE("a host whose exporter cannot be started runs as without us, and recover exports it",
          "[e2e][survival]") {
  Sandbox sandbox;
  const Run run =
      sandbox.run({program_path("nested_calls", "gcc-O2")},
                  {.env = {{"LLMOBSERVE_PROGRAM", "/no/such/llmobserve"}}, .wait_for_export = false});
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
  CHECK(sandbox.llmobserve({"recover"}).exit_code == 0);
  CHECK(sandbox.sessions().empty());
  CHECK(sandbox.spans().size() == 3);
}

TEST_CASE("a trace directory that cannot be written does not touch the host", "[e2e][survival]") {
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("nested_calls", "gcc-O2")},
                              {.env = {{"LLMOBSERVE_TRACE_DIR", "/proc/nope"}}, .wait_for_export = false});
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
}

}  // namespace
}  // namespace llmo::test
