// Several destinations: each gets every span, whatever fails and whoever is killed.
#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/unit/exporter_destinations.h"

namespace {

using namespace llmo;
using namespace llmo::test;
using session::CommitStep;
using session::ExportEnd;
using std::chrono::milliseconds;

std::vector<std::uint64_t> without_doubles(std::vector<std::uint64_t> ids) {
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::size_t count_in(const std::string& text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// Kills the exporter at its first step, at its second and so on, each time with a session of its own.
void kill_everywhere(bool write_file, std::vector<std::string> names) {
  int kills = 0;
  for (int kill_at = 1; kill_at < 100; ++kill_at) {
    const MemoryDir root;
    const std::string session = make_session(root);
    const auto ids = fill_session(session, 2, 1300);
    std::vector<Script> scripts(names.size());
    ExportRun run;
    run.write_file = write_file;
    for (std::size_t i = 0; i < names.size(); ++i) {
      scripts[i].name = names[i];
      run.scripts.push_back(&scripts[i]);
    }
    int step = 0;
    CommitStep last{};
    run.after_step = [&](CommitStep reached) {
      last = reached;
      if (++step == kill_at) throw Killed{};
    };
    bool killed = false;
    try {
      export_session(root, session, run);
    } catch (const Killed&) {
      killed = true;
      ++kills;
    }
    if (killed) {
      run.after_step = nullptr;
      CHECK(export_session(root, session, run).end == ExportEnd::kComplete);
    }
    INFO("killed at step " << kill_at << ", which is of kind " << static_cast<int>(last));
    if (write_file) CHECK(ids_in_files(root) == ids);
    std::size_t doubles = 0;
    for (const Script& script : scripts) {
      const auto got = script.sorted_ids();
      CHECK(without_doubles(got) == ids);
      doubles += got.size() - ids.size();
    }
    // With a file, only between a destination's answer and the note of it; without one, also where one of
    // several destinations has the batch and the others do not.
    const bool may_double = killed && (last == CommitStep::kExported || (!write_file && names.size() > 1));
    if (!may_double) CHECK(doubles == 0);
    CHECK_FALSE(exists(session));
    if (!killed) break;
  }
  CHECK(kills >= 4);
}

}  // namespace

TEST_CASE("an exporter killed at any step leaves the file exact and no destination without a span",
          "[exporter][destinations]") {
  SECTION("a file and one destination") { kill_everywhere(true, {"a"}); }
  SECTION("a file and two destinations") { kill_everywhere(true, {"a", "b"}); }
  SECTION("one destination") { kill_everywhere(false, {"a"}); }
  SECTION("two destinations") { kill_everywhere(false, {"a", "b"}); }
}

TEST_CASE("a destination that fails holds up neither the file nor another one, and gets all later in order",
          "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  const auto ids = fill_session(session, 1, 9000);
  std::size_t in_file_when_it_recovered = 0;
  Script down;
  down.takes = [&](std::size_t attempt) {
    if (attempt == 1) down.retry_in = milliseconds(300);
    if (attempt == 2) in_file_when_it_recovered = ids_in_files(root).size();
    return attempt > 1;
  };
  Script good{.name = "good"};
  ExportRun run;
  run.scripts = {&down, &good};
  const auto report = export_session(root, session, run);
  CHECK(report.end == ExportEnd::kComplete);
  CHECK(in_file_when_it_recovered == ids.size());
  CHECK(ids_in_files(root) == ids);
  CHECK(down.ids() == good.ids());
  CHECK(down.sorted_ids() == ids);
  CHECK(down.ended);
  const std::string log = read_text(root / "exporter.log");
  CHECK(count_in(log, "remote: connection refused") == 1);
  CHECK(count_in(log, "remote takes spans again") == 1);
}

TEST_CASE("a destination that fails for good leaves the session, and the next exporter sends what it lacks",
          "[exporter][destinations]") {
  for (const bool write_file : {true, false}) {
    const MemoryDir root;
    const std::string session = make_session(root);
    const auto ids = fill_session(session, 2, 3000);
    Script down;
    down.takes = [](std::size_t attempt) { return attempt == 1; };
    ExportRun run;
    run.write_file = write_file;
    run.scripts = {&down};
    run.patience.remote = milliseconds(20);
    const auto report = export_session(root, session, run);
    CHECK(report.end == ExportEnd::kLeft);
    CHECK(report.problem == "remote: connection refused");
    REQUIRE(exists(session));
    CHECK(session::destinations_behind(session).size() == (write_file ? 1 : 0));
    CHECK(session::read_problem(session) == "remote: connection refused");
    if (write_file) CHECK(ids_in_files(root) == ids);  // it is not the file's fault

    down.takes = [](std::size_t) { return true; };
    down.last_refused.clear();  // another process does not know
    CHECK(export_session(root, session, run).end == ExportEnd::kComplete);
    CHECK(down.sorted_ids() == ids);
    if (write_file) CHECK(ids_in_files(root) == ids);
    CHECK_FALSE(exists(session));
  }
}

TEST_CASE("without a file a batch goes once to those that take it, however often it is offered to others",
          "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  const auto ids = fill_session(session, 1, 5000);
  Script good{.name = "good"};
  Script shaky{.name = "shaky"};
  shaky.takes = [](std::size_t attempt) { return attempt % 3 == 0; };
  ExportRun run;
  run.write_file = false;
  run.scripts = {&good, &shaky};
  CHECK(export_session(root, session, run).end == ExportEnd::kComplete);
  CHECK(good.sorted_ids() == ids);
  CHECK(shaky.sorted_ids() == ids);
  CHECK(good.attempts == good.taken.size());
}

TEST_CASE("spans wait for others while their process runs, and go at once when it has ended",
          "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  image.add_block(journal::BlockKind::kRecords);
  image.add_call(0, {.span_id = 1});
  const std::string path = image.save(session);
  Script remote;
  ExportRun run;
  run.write_file = false;
  run.scripts = {&remote};
  run.loop.schedule_delay = std::chrono::hours(1);
  std::thread host([&] {
    ::usleep(50'000);
    image.add_call(0, {.span_id = 2});  // in place: the exporter has the file open
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.write(image.bytes().data(), static_cast<std::streamsize>(image.bytes().size()));
    file.close();
    ::usleep(50'000);
    process.kill();
  });
  const auto report = export_session(root, session, run);
  host.join();
  CHECK(report.end == ExportEnd::kComplete);
  CHECK(remote.taken == std::vector<std::vector<std::uint64_t>>{{1, 2}});
}

TEST_CASE("spans that fill a small journal do not wait", "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  image.add_block(journal::BlockKind::kRecords);
  for (std::uint64_t id = 1; id <= 300; ++id) image.add_call(0, {.span_id = id});
  image.save(session);
  Script remote;
  ExportRun run;
  run.write_file = false;
  run.scripts = {&remote};
  run.loop.schedule_delay = std::chrono::hours(1);
  run.loop.most_bytes_waiting = 4096;
  run.loop.stop_requested = [&] { return !remote.taken.empty(); };
  CHECK(export_session(root, session, run).end == ExportEnd::kStopped);
  CHECK(remote.sorted_ids().size() == 300);
}

TEST_CASE("told to stop, an exporter writes its file and sends nothing any more",
          "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  const auto ids = fill_session(session, 1, 3000);
  Script remote;
  ExportRun run;
  run.scripts = {&remote};
  run.loop.stop_requested = [] { return true; };
  CHECK(export_session(root, session, run).end == ExportEnd::kStopped);
  CHECK(ids_in_files(root) == ids);
  CHECK(remote.attempts == 0);
  run.loop.stop_requested = nullptr;
  CHECK(export_session(root, session, run).end == ExportEnd::kComplete);
  CHECK(remote.sorted_ids() == ids);
  CHECK(ids_in_files(root) == ids);
}

TEST_CASE("spans that the sampler left out go nowhere and are counted", "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  JournalImage image;
  image.add_block(journal::BlockKind::kRecords);
  image.add_call(0, {.span_id = 1});
  image.add_call(0, {.span_id = 2, .flags = 0});
  image.add_span(0, {.span_id = 3, .parent = 2, .flags = 0}, "llm.request", {});
  image.save(session);
  Script remote;
  ExportRun run;
  run.scripts = {&remote};
  run.loop.keep_api = GENERATE(false, true);
  const auto report = export_session(root, session, run);
  CHECK(report.end == ExportEnd::kComplete);
  CHECK(report.not_sampled == 2);
  CHECK(remote.ids() == (run.loop.keep_api ? std::vector<std::uint64_t>{} : std::vector<std::uint64_t>{1}));
}

TEST_CASE("spans whose file is gone before a destination had them are lost to it alone, and said to be",
          "[exporter][destinations]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  fill_session(session, 1, 5000);
  Script down;
  down.takes = [](std::size_t) { return false; };
  Script good{.name = "good"};
  ExportRun run;
  run.scripts = {&down, &good};
  run.patience.remote = milliseconds(0);
  CHECK(export_session(root, session, run).end == ExportEnd::kLeft);
  std::filesystem::remove_all(root / "traces");
  down.takes = [](std::size_t) { return true; };
  const auto report = export_session(root, session, run);
  CHECK(report.end == ExportEnd::kComplete);
  REQUIRE(report.destinations.size() == 3);
  CHECK(report.destinations[1].name == "remote");
  CHECK(report.destinations[1].lost_batches == 2);  // the last one is not known to have been in the file
  CHECK(good.ids().size() == 5000);
  CHECK(read_text(root / "exporter.log").find("cannot be read from") != std::string::npos);
}

TEST_CASE("exporters that are killed while their destination fails lose nothing",
          "[exporter][destinations]") {
  std::mt19937 random(5);
  for (const bool write_file : {true, false}) {
    const MemoryDir root;
    const std::string session = make_session(root);
    const auto ids = fill_session(session, 2, 4000);
    const std::string received = root / "received";
    for (int kills = 0; exists(session) || exists(session + ".done"); ++kills) {
      REQUIRE(kills < 50);
      const auto seed = static_cast<unsigned>(random());
      const pid_t exporter = ::fork();
      REQUIRE(exporter >= 0);
      if (exporter == 0) {
        // Each answer is a coin; what is taken goes to a file before the exporter hears of it.
        struct Flaky : Exporter {
          Flaky(std::string file, unsigned start) : path(std::move(file)), coin(start) {}
          std::string name() const override { return "flaky"; }
          bool remote() const override { return true; }
          milliseconds retry_in() const override { return milliseconds(1); }
          bool export_batch(std::span<const Span> spans) override {
            if (coin() % 2 == 0) return false;
            std::ofstream out(path, std::ios::app);
            for (const Span& span : spans) out << span.span_id << '\n';
            return true;
          }
          std::string path;
          std::mt19937 coin;
        };
        session::ExporterOptions options;
        options.settings.trace_dir = root / "traces";
        options.write_file = write_file;
        options.linger = milliseconds(0);
        options.exporters.push_back(std::make_unique<Flaky>(received, seed));
        session::run_exporter(exists(session) ? session : session + ".done", std::move(options));
        ::_exit(0);
      }
      if (kills < 30) {  // enough, also where the machine is so slow that none gets anywhere
        ::usleep(static_cast<useconds_t>(6000 + random() % 60'000));
        ::kill(exporter, SIGKILL);
      }
      ::waitpid(exporter, nullptr, 0);
    }
    std::vector<std::uint64_t> got;
    std::ifstream in(received);
    for (std::string line; std::getline(in, line);) {
      if (line.size() == 7) got.push_back(std::stoull(line));  // a kill may have cut the last one
    }
    std::sort(got.begin(), got.end());
    CHECK(without_doubles(got) == ids);
    if (write_file) CHECK(ids_in_files(root) == ids);
  }
}
