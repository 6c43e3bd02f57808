// Session directories, the choice of exporters, findings.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "exporters/cli/exporter_choice.h"
#include "exporters/cli/findings.h"
#include "exporters/cli/session_dir.h"
#include "exporters/cli/session_drain.h"
#include "exporters/cli/trace_input.h"
#include "tests/support/temp_dir.h"

namespace llmo::cli {
namespace {

ExporterChoice choose(const std::string& names, bool otlp_endpoint_set = false) {
  llmo::config::Settings settings;
  settings.exporters = names;
  return choose_exporters(settings, otlp_endpoint_set);
}

TEST_CASE("a session directory is new, private and absolute", "[cli]") {
  const llmo::test::TempDir dir;
  const std::string journal_dir = dir.path() / "a" / "b";
  const std::string first = make_session_dir(journal_dir);
  const std::string second = make_session_dir(journal_dir);
  REQUIRE(first.starts_with(journal_dir + '/'));
  CHECK(first != second);
  struct stat status {};
  REQUIRE(::stat(first.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a journal directory that is a file or a link is refused", "[cli]") {
  const llmo::test::TempDir dir;
  std::ofstream(dir.path() / "file");
  CHECK(make_session_dir(dir.path() / "file").empty());
  std::filesystem::create_directory_symlink(dir.path(), dir.path() / "link");
  CHECK(make_session_dir(dir.path() / "link").empty());
}

TEST_CASE("only a session in which nobody recorded anything is discarded", "[cli]") {
  const llmo::test::TempDir dir;
  const std::string unused = make_session_dir(dir.path());
  CHECK(discard_unused_session(unused));
  CHECK_FALSE(std::filesystem::exists(unused));
  const std::string used = make_session_dir(dir.path());
  std::ofstream(used + "/control");
  CHECK_FALSE(discard_unused_session(used));
  CHECK(std::filesystem::exists(used));
}

TEST_CASE("a journal's name tells its process, and other names tell nothing", "[cli]") {
  JournalOwner owner;
  REQUIRE(parse_journal_name("123-4567.journal", owner));
  CHECK(owner.pid == 123);
  CHECK(owner.start == 4567);
  for (const char* name : {"control", ".journal", "12.journal", "-1-2.journal", "1-2x.journal",
                           "1-2.journal.tmp", "99999999999-1.journal"}) {
    CHECK_FALSE(parse_journal_name(name, owner));
  }
}

TEST_CASE("a session whose directory is gone is exported", "[cli]") {
  const llmo::test::TempDir dir;
  DrainOptions options;
  options.exporter_options = [] { return llmo::session::ExporterOptions{}; };
  options.pause = [](std::chrono::milliseconds) { return false; };
  CHECK(drain_session(dir.path() / "gone", options).end == DrainEnd::kExported);
}

TEST_CASE("exporters are chosen by name, and by an OTLP endpoint where nothing is named", "[cli]") {
  CHECK(describe(choose("")) == "file");
  CHECK(describe(choose("file,console")) == "file, console");
  CHECK(describe(choose("console")) == "console");
  CHECK(describe(choose("none")) == "none");
  CHECK(describe(choose("none,file")) == "file");
  CHECK(describe(choose("clickhouse,otlp,file")) == "file, otlp, clickhouse");
  CHECK(describe(choose("", true)) == "otlp");
  CHECK(describe(choose("console", true)) == "console");
}

TEST_CASE("findings are plain in a pipe and marked on a terminal", "[cli]") {
  const Findings findings = {{Verdict::kGood, "clock", "tsc"}, {Verdict::kBad, "journal", "full\x1b[2J"}};
  CHECK(findings_text(findings, false, false) ==
        "ok   clock    tsc\n"
        "FAIL journal  full\\x1b[2J\n");
  CHECK(findings_text(findings, true, false) ==
        "✓ clock    tsc\n"
        "✗ journal  full\\x1b[2J\n");
  CHECK(findings_text(findings, true, true).find("\x1b[31m✗\x1b[0m journal") != std::string::npos);
  CHECK(any_bad(findings));
  CHECK_FALSE(any_bad({findings[0]}));
}

TEST_CASE("traces are read from files and folders, and what cannot be read is told", "[cli]") {
  const llmo::test::TempDir dir;
  const std::string line =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"000102030405060708090a0b0c0d0e0f",)"
      R"("spanId":"0001020304050607","name":"workflow.x","kind":1,"startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]})";
  std::ofstream(dir.path() / "b.otlp.jsonl") << line << '\n';
  std::ofstream(dir.path() / "a.jsonl") << line << "\n{torn";
  std::ofstream(dir.path() / "notes.txt") << "nothing";
  const views::TraceFilter all{views::FilterOptions()};
  const TraceInput input = read_traces({{dir.path(), dir.path() / "missing"}, {}}, all);
  CHECK(input.files == 2);
  CHECK(input.spans.size() == 2);
  CHECK(input.counts.damaged_lines == 1);
  REQUIRE(input.problems.size() == 1);
  CHECK(input.problems[0].find("missing: No such file") != std::string::npos);
}

}  // namespace
}  // namespace llmo::cli
