// Sessions that something is wrong with: held by another exporter, not writable, damaged, left behind.
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "exporters/session/recover.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;

}  // namespace

TEST_CASE("a second exporter leaves a session that has one", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  const int lock = ::open((session + "/exporter.lock").c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(::flock(lock, LOCK_EX) == 0);
  CHECK(session::run_exporter(session, options_for(root)).end == session::ExportEnd::kBusy);
  CHECK(session::list_sessions(root.path()).at(0).exporter_alive);
  ::close(lock);
  CHECK_FALSE(session::list_sessions(root.path()).at(0).exporter_alive);
  CHECK(session::run_exporter(session, options_for(root)).end == session::ExportEnd::kComplete);
  CHECK(session::run_exporter(session, options_for(root)).end == session::ExportEnd::kNoSession);
}

TEST_CASE("an output that fails leaves the session for recover, which finishes it", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  JournalImage::save_bytes(root / "traces", {});  // a file where the directory has to be
  auto options = options_for(root);
  options.give_up_after = std::chrono::milliseconds(0);
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(report.problem.find("cannot create a trace file") != std::string::npos);
  CHECK(test::read_text(root / "exporter.log").find("recover") != std::string::npos);
  REQUIRE(test::exists(session));

  ::unlink((root / "traces").c_str());
  const auto recovered = session::recover_sessions(root.path(), [&] { return options_for(root); });
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0].report.end == session::ExportEnd::kComplete);
  CHECK(spans_in(recovered[0].report.output_path).size() == 2);
  CHECK(session::list_sessions(root.path()).empty());
}

TEST_CASE("recover drains a session whose processes run, and leaves it to them", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  image.add_block(journal::BlockKind::kRecords);
  image.add_call(0, {.span_id = 1});
  image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(1, {.span_id = 2});
  image.save(session);
  for (int round = 0; round < 2; ++round) {
    const auto recovered = session::recover_sessions(root.path(), [&] { return options_for(root); });
    REQUIRE(recovered.size() == 1);
    CHECK(recovered[0].report.end == session::ExportEnd::kLeft);
    CHECK(recovered[0].report.spans == (round == 0 ? 1 : 0));
  }
  process.kill();
  const auto recovered = session::recover_sessions(root.path(), [&] { return options_for(root); });
  CHECK(recovered.at(0).report.end == session::ExportEnd::kComplete);
  CHECK(spans_in(recovered.at(0).report.output_path).size() == 2);
}

TEST_CASE("a journal of another version is left alone, the rest is exported", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  JournalImage foreign(0x7ffffff2);
  foreign.header().version = 9;
  const std::string path = foreign.save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(report.spans == 2);
  CHECK(test::exists(path));
}

TEST_CASE("a journal whose host died while it made it does not keep the session", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  JournalImage::save_bytes(session + "/2147483000-5.journal", {});
  CHECK(session::run_exporter(session, options_for(root)).end == session::ExportEnd::kComplete);
  CHECK_FALSE(test::exists(session));
}

TEST_CASE("the trace file is its owner's alone", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  const std::string path = session::run_exporter(session, options_for(root)).output_path;
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat((root / "traces").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("with nothing to write to, journals are emptied all the same", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  auto options = options_for(root);
  options.write_file = false;
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kComplete);
  CHECK(report.output_path.empty());
  CHECK_FALSE(test::exists(root / "traces"));
}

TEST_CASE("a directory with something strange in it ends the exporter all the same", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  JournalImage::save_bytes(session + "/strange", {});
  auto options = options_for(root);
  options.give_up_after = std::chrono::milliseconds(0);
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(report.spans == 2);
}

TEST_CASE("random damage to a journal never stops an exporter", "[exporter][session][torn]") {
  std::mt19937_64 random(20260102);
  const JournalImage image = journal_with_open_spans();
  for (int run = 0; run < 150; ++run) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    JournalImage damaged = image;
    for (std::uint64_t i = 0; i <= random() % 30; ++i) {
      const auto block = static_cast<std::uint32_t>(random() % 4);
      const std::size_t header_byte = 24 + random() % 160;
      const std::size_t block_byte = JournalImage::offset_of(block) - 64 + random() % 300;
      damaged.bytes()[random() % 4 == 0 ? header_byte : block_byte] = static_cast<char>(random());
    }
    damaged.save(session);
    auto options = options_for(root);
    options.once = true;
    const auto report = session::run_exporter(session, std::move(options));
    CHECK(report.end == session::ExportEnd::kComplete);
    if (report.spans > 0) {
      for (const Span& span : spans_in(report.output_path))
        CHECK(span.end_unix_nanos >= span.start_unix_nanos);
    }
  }
}
