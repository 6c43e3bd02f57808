// Sessions that nobody serves any more, and what is told of those that are over.
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "exporters/session/export_history.h"
#include "exporters/session/left_sessions.h"
#include "exporters/session/session_origin.h"
#include "tests/unit/exporter_destinations.h"

namespace {

using namespace llmo;
using namespace llmo::test;
using session::ExportEnd;
using std::chrono::seconds;

session::LeftSessionOptions left_options(const MemoryDir& root) {
  session::LeftSessionOptions options;
  options.least_age = seconds(0);
  options.make_options = [&root] { return options_for(root); };
  return options;
}

}  // namespace

TEST_CASE("a left session is finished under the names, and in the folder, of its own exporter",
          "[exporter][left]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  simple_journal().save(session);
  session::write_session_origin(session, {"planner", "team=red", root / "elsewhere"});
  auto options = left_options(root);
  options.make_options = [&root] {
    auto mine = options_for(root);
    mine.settings.service_name = "not-planner";
    mine.settings.resource_attributes = "team=blue";
    return mine;
  };
  CHECK(session::finish_left_sessions(root.path(), options) == 1);
  CHECK_FALSE(exists(session));
  CHECK_FALSE(exists(root / "traces"));
  const auto spans = spans_in(root / "elsewhere/planner-20260101T000000Z-2147483632.otlp.jsonl");
  REQUIRE(spans.size() == 2);
  CHECK(value(spans[0].resource->attributes, "service.name") == "planner");
  CHECK(value(spans[0].resource->attributes, "team") == "red");
}

TEST_CASE("sessions that have a writer, an exporter, or that are young are not left", "[exporter][left]") {
  const MemoryDir root;
  const std::string living = make_session(root, "living");
  const Sleeper process;
  living_journal(process).save(living);
  const std::string served = make_session(root, "served");
  simple_journal().save(served);
  const int lock = ::open((served + "/exporter.lock").c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(::flock(lock, LOCK_EX) == 0);
  CHECK(session::finish_left_sessions(root.path(), left_options(root)) == 0);
  ::close(lock);
  auto patient = left_options(root);
  patient.least_age = seconds(3600);
  CHECK(session::finish_left_sessions(root.path(), patient) == 0);
  CHECK(session::finish_left_sessions(root.path(), left_options(root)) == 1);
  CHECK_FALSE(exists(served));
  CHECK(exists(living));
}

TEST_CASE("what was left for a destination waits for a program that has it", "[exporter][left]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  const auto ids = fill_session(session, 1, 3000);
  Script down;
  down.takes = [](std::size_t) { return false; };
  ExportRun run;
  run.scripts = {&down};
  run.patience.remote = std::chrono::milliseconds(0);
  REQUIRE(export_session(root, session, run).end == ExportEnd::kLeft);
  CHECK(session::finish_left_sessions(root.path(), left_options(root)) == 0);
  REQUIRE(exists(session));

  down.takes = [](std::size_t) { return true; };
  auto options = left_options(root);
  options.make_options = [&] {
    auto mine = options_for(root);
    mine.exporters.push_back(std::make_unique<Scripted>(down));
    return mine;
  };
  CHECK(session::finish_left_sessions(root.path(), options) == 1);
  CHECK(down.sorted_ids() == ids);
  CHECK(ids_in_files(root) == ids);
  CHECK_FALSE(exists(session));
}

TEST_CASE("left sessions are not touched by one that exports to nowhere, nor beyond the first that fails",
          "[exporter][left]") {
  const MemoryDir root;
  for (const char* const name : {"a", "b", "c"}) fill_session(make_session(root, name), 1, 10);
  auto nowhere = left_options(root);
  nowhere.make_options = [&] {
    auto mine = options_for(root);
    mine.write_file = false;
    return mine;
  };
  CHECK(session::finish_left_sessions(root.path(), nowhere) == 0);
  CHECK(session::list_sessions(root.path()).size() == 3);

  Script down;
  down.takes = [](std::size_t) { return false; };
  auto failing = left_options(root);
  failing.make_options = [&] {
    auto mine = options_for(root);
    mine.write_file = false;
    mine.exporters.push_back(std::make_unique<Scripted>(down));
    return mine;
  };
  CHECK(session::finish_left_sessions(root.path(), failing) == 0);
  CHECK(down.attempts == 1);
  CHECK(session::list_sessions(root.path()).size() == 3);
  CHECK(session::finish_left_sessions(root.path(), left_options(root)) == 3);
  CHECK(session::list_sessions(root.path()).empty());
}

TEST_CASE("the history tells of the last sessions, and damage to it costs no more than a line",
          "[exporter][left]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  fill_session(session, 1, 10);
  Script down{.problem = "answered 503 \"busy\""};
  down.takes = [](std::size_t attempt) { return attempt > 1; };
  auto options = options_for(root);
  options.exporters.push_back(std::make_unique<Scripted>(down));
  session::run_exporter(session, std::move(options));
  auto history = session::read_history(root.path());
  REQUIRE(history.size() == 1);
  CHECK(history[0].session == "session");
  CHECK(history[0].complete);
  CHECK(history[0].spans == 10);
  REQUIRE(history[0].destinations.size() == 2);
  CHECK(history[0].destinations[0].name == "file");
  CHECK(history[0].destinations[0].counts.exported == 10);
  CHECK(history[0].destinations[1].counts.exported == 10);
  CHECK(history[0].destinations[1].problem == "answered 503 \"busy\"");

  const std::string path = root / session::kHistoryName;
  const std::string line = read_text(path);
  const std::string damaged = "[]\n{\"session\":7,\"destinations\":[3]}\n" + line.substr(0, 20) + "\n" + line;
  JournalImage::save_bytes(path, {damaged.begin(), damaged.end()});
  history = session::read_history(root.path());
  CHECK(history.size() == 2);
  for (std::size_t i = 0; i < 2 * session::kMostHistory; ++i) {
    session::add_to_history(root.path(), {i, "s", true, 1, 0, {}});
  }
  history = session::read_history(root.path());
  REQUIRE(history.size() == session::kMostHistory);
  CHECK(history.back().unix_seconds == 2 * session::kMostHistory - 1);
}

TEST_CASE("with nowhere to export to no file comes into being", "[exporter][left]") {
  const MemoryDir root;
  const std::string session = make_session(root);
  fill_session(session, 1, 10);
  auto options = options_for(root);
  options.write_file = false;
  CHECK(session::run_exporter(session, std::move(options)).end == ExportEnd::kComplete);
  CHECK(std::filesystem::is_empty(root.path()));
}
