// Each span exactly once, in whatever files there are, wherever the exporter is killed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "exporters/input/span_input.h"
#include "exporters/session/commit.h"
#include "exporters/session/export_loop.h"
#include "exporters/span/price_file.h"
#include "tests/unit/exporter_journal.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using file::Compression;
using session::CommitStep;
using test::JournalImage;
using test::MemoryDir;

struct Killed {};

// A dead process with so many finished calls, in blocks that make some batches.
void fill_session(const std::string& session, std::uint64_t calls) {
  JournalImage image(0x7ffffff0, 77, 1000);
  const auto definitions = image.add_block(journal::BlockKind::kDefinitions, 0);
  image.add_function(definitions, 0, "plan_workflow");
  std::uint32_t block = 0;
  for (std::uint64_t i = 0; i < calls; ++i) {
    if (i % 511 == 0) block = image.add_block(journal::BlockKind::kRecords, 1, journal::BlockState::kSealed);
    image.add_call(block, {.span_id = i + 1});
  }
  image.save(session);
}

void run_once(const std::string& session, const std::string& traces, const file::FileSettings& file,
              std::function<void(CommitStep)> after_step) {
  session::SessionDirectory directory;
  REQUIRE(directory.open(session) == session::SessionDirectory::OpenResult::kOpened);
  session::Log log(traces, false);
  session::SourceContext context;
  context.tools.prices = load_prices({}).table;
  session::CommitOptions options;
  options.trace_dir = traces;
  options.file = file;
  options.after_step = std::move(after_step);
  session::Committer committer(std::move(options), log);
  session::LoopOptions loop;
  loop.linger = std::chrono::milliseconds(0);
  session::ExportLoop(directory, committer, context, log, loop).run();
}

std::vector<std::uint64_t> ids_in(const std::string& traces) {
  std::vector<std::uint64_t> ids;
  const input::InputReport report =
      input::read_spans({traces}, {}, [&](Span&& span) { ids.push_back(span.span_id); });
  CHECK(report.problems.empty());
  CHECK(report.counts.damaged_lines == 0);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::size_t files_in(const std::string& traces) { return input::trace_files_in(traces).size(); }

}  // namespace

TEST_CASE("files that follow each other, compressed or not, hold each span once after any kill",
          "[exporter][commit][file]") {
  constexpr std::uint64_t kCalls = 8'000;
  std::vector<std::uint64_t> expected(kCalls);
  for (std::uint64_t i = 0; i < kCalls; ++i) expected[i] = i + 1;
  for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    file::FileSettings settings;
    // What counts is what lies in the file: a tenth, where it is packed.
    settings.max_bytes = compression == Compression::kNone ? 64 * 1024 : 8 * 1024;
    settings.compression = compression;
    for (int kill_at = 1;; ++kill_at) {
      const MemoryDir root;
      const std::string session = test::make_session(root);
      fill_session(session, kCalls);
      int step = 0;
      bool killed = false;
      try {
        run_once(session, root / "traces", settings, [&](CommitStep) {
          if (++step == kill_at) throw Killed{};
        });
      } catch (const Killed&) {
        killed = true;
      }
      // The successor may have been told otherwise.
      if (killed)
        run_once(session, root / "traces", kill_at % 2 == 0 ? settings : file::FileSettings(), nullptr);
      CHECK(ids_in(root / "traces") == expected);
      if (!killed) {
        CHECK(files_in(root / "traces") > 1);
        CHECK(kill_at > 4);
        break;
      }
    }
  }
}

TEST_CASE("of a session that fills many files the last ones stay", "[exporter][commit][file]") {
  const auto export_session = [](const MemoryDir& root, std::uint64_t max_files) {
    const std::string session = test::make_session(root);
    fill_session(session, 30'000);
    file::FileSettings settings;
    settings.max_bytes = 64 * 1024;
    settings.max_files = max_files;
    run_once(session, root / "traces", settings, nullptr);
    return input::trace_files_in(root / "traces");
  };
  const MemoryDir all;
  const MemoryDir few;
  const std::size_t count = export_session(all, 0).size();
  const std::vector<std::string> left = export_session(few, 2);
  REQUIRE(count > 11);
  REQUIRE(left.size() == 2);
  CHECK(left[0].ends_with("-" + std::to_string(count - 1) + ".otlp.jsonl"));
  CHECK(left[1].ends_with("-" + std::to_string(count) + ".otlp.jsonl"));
}
