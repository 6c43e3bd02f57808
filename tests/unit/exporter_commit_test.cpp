// Each span in the trace file exactly once, wherever the exporter is killed.
#include "exporters/session/commit.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "exporters/session/export_loop.h"
#include "exporters/session/exporter.h"
#include "exporters/span/price_file.h"
#include "tests/unit/exporter_journal.h"
#include "tests/unit/trace_lines.h"

namespace {

using namespace llmo;
using session::CommitStep;
using test::JournalImage;
using test::MemoryDir;

struct Killed {};

// Two dead processes, `per_process` finished spans each in sealed and open blocks, three open ones.
std::size_t fill_session(const std::string& session, std::uint64_t per_process) {
  for (std::uint32_t process = 0; process < 2; ++process) {
    JournalImage image(0x7ffffff0 + process, 77, 1000);
    const auto definitions = image.add_block(journal::BlockKind::kDefinitions, 0);
    image.add_function(definitions, 0, "plan_workflow");
    const auto frames = image.add_block(journal::BlockKind::kFrames);
    const std::uint64_t base = (process + 1) * 1'000'000;
    for (std::uint64_t i = 0; i < 3; ++i) image.add_open_frame(frames, {.span_id = base + 900'000 + i});
    std::uint32_t block = 0;
    for (std::uint64_t i = 0; i < per_process; ++i) {
      if (i % 511 == 0) {
        block = image.add_block(journal::BlockKind::kRecords, 1, journal::BlockState::kSealed);
      }
      image.add_call(block, {.span_id = base + i + 1});
    }
    image.block_header(block).state.store(journal::BlockState::kOpen);
    image.save(session);
  }
  return 2 * (per_process + 3);
}

session::ExportReport run_once(const std::string& session, const std::string& traces,
                               std::function<void(CommitStep)> after_step, bool keep_api = false) {
  session::SessionDirectory directory;
  REQUIRE(directory.open(session) == session::SessionDirectory::OpenResult::kOpened);
  session::Log log(traces, false);
  session::SourceContext context;
  context.tools.prices = load_prices({}).table;
  session::CommitOptions commit{traces, true, keep_api};
  commit.after_step = std::move(after_step);
  session::Committer committer(std::move(commit), log);
  session::LoopOptions options;
  options.keep_api = keep_api;
  options.linger = std::chrono::milliseconds(0);
  return session::ExportLoop(directory, committer, context, log, options).run();
}

// A dead process: an open root, `calls` calls in it by one thread, and by another an API call in each third
// of them, whose records come much later. Returns the ids that LLMOBSERVE_KEEP=api keeps.
std::vector<std::uint64_t> fill_with_workflows(const std::string& session, std::uint64_t calls) {
  JournalImage image(0x7ffffff0, 77, 1000);
  const auto definitions = image.add_block(journal::BlockKind::kDefinitions, 0);
  image.add_function(definitions, 0, "plan_workflow");
  const auto frames = image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 1});
  std::vector<std::uint64_t> kept = {1};
  std::uint32_t block = 0;
  for (std::uint64_t i = 0; i < calls; ++i) {
    if (i % 511 == 0) block = image.add_block(journal::BlockKind::kRecords, 1, journal::BlockState::kSealed);
    image.add_call(block, {.span_id = 1000 + i, .parent = 1});
  }
  for (std::uint64_t i = 0; i < calls; i += 3) {
    if (i % 300 == 0) block = image.add_block(journal::BlockKind::kRecords, 2, journal::BlockState::kSealed);
    image.add_span(block, {.span_id = 1'000'000 + i, .parent = 1000 + i}, "GET", {});
    kept.push_back(1000 + i);
    kept.push_back(1'000'000 + i);
  }
  image.save(session);
  std::sort(kept.begin(), kept.end());
  return kept;
}

// The ids in all trace files of a directory.
std::vector<std::uint64_t> exported_ids(const std::string& traces) {
  std::vector<Span> spans;
  file::ReadCounts counts;
  for (const auto& entry : std::filesystem::directory_iterator(traces)) {
    test::read_trace_lines(entry.path(), spans, counts);
  }
  std::vector<std::uint64_t> ids;
  for (const Span& span : spans) ids.push_back(span.span_id);
  CHECK(counts.damaged_lines == 0);
  CHECK(counts.damaged_spans == 0);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void check_each_once(const std::string& traces, std::size_t expected) {
  const auto ids = exported_ids(traces);
  CHECK(ids.size() == expected);
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

std::string only_file(const std::string& traces) {
  for (const auto& entry : std::filesystem::directory_iterator(traces)) return entry.path();
  return {};
}

}  // namespace

TEST_CASE("an exporter killed after any step is followed up without loss or double", "[exporter][commit]") {
  int kills = 0;
  for (int kill_at = 1;; ++kill_at) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    const std::size_t expected = fill_session(session, 3000);
    int step = 0;
    bool killed = false;
    try {
      run_once(session, root / "traces", [&](CommitStep) {
        if (++step == kill_at) throw Killed{};
      });
    } catch (const Killed&) {
      killed = true;
      ++kills;
    }
    if (!killed) break;
    CHECK(run_once(session, root / "traces", nullptr).end == session::ExportEnd::kComplete);
    check_each_once(root / "traces", expected);
    CHECK_FALSE(test::exists(session));
  }
  CHECK(kills >= 10);
}

TEST_CASE("spans that wait for an API call survive the exporter that lets them wait",
          "[exporter][commit][keep]") {
  int kills = 0;
  for (int kill_at = 1;; ++kill_at) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    const auto kept = fill_with_workflows(session, 5000);
    bool killed = false;
    for (int step = 0, killings = 0; killings < 2;) {  // the one after it as well
      try {
        const auto report = run_once(
            session, root / "traces",
            [&](CommitStep) {
              if (++step % kill_at == 0 && killings < 2 && kill_at < 40) throw Killed{};
            },
            true);
        CHECK(report.end == session::ExportEnd::kComplete);
        break;
      } catch (const Killed&) {
        killed = true;
        ++killings;
        ++kills;
        step = 0;
      }
      if (killings == 2) {
        CHECK(run_once(session, root / "traces", nullptr, true).end == session::ExportEnd::kComplete);
      }
    }
    CHECK(exported_ids(root / "traces") == kept);
    CHECK_FALSE(test::exists(session));
    if (!killed) break;
  }
  CHECK(kills >= 10);
}

TEST_CASE("what one exporter let wait is kept by the next one, where that keeps all",
          "[exporter][commit][keep]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  fill_with_workflows(session, 5000);
  int step = 0;
  try {
    run_once(
        session, root / "traces",
        [&](CommitStep) {
          if (++step == 3) throw Killed{};
        },
        true);
    FAIL("not killed");
  } catch (const Killed&) {
  }
  run_once(session, root / "traces", nullptr, false);
  check_each_once(root / "traces", 1 + 5000 + 1667);
}

TEST_CASE("a batch that got out in part is cut off and made again", "[exporter][commit]") {
  std::mt19937 random(7);
  for (int run = 0; run < 30; ++run) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    const std::size_t expected = fill_session(session, 3000);
    const int kill_at = static_cast<int>(random() % 3);
    std::uintmax_t before = 0;
    int batch = 0;
    try {
      run_once(session, root / "traces", [&](CommitStep step) {
        const std::string file = only_file(root / "traces");
        if (step == CommitStep::kNoted) before = std::filesystem::file_size(file);
        if (step != CommitStep::kAppended || batch++ != kill_at) return;
        const std::uintmax_t written = std::filesystem::file_size(file) - before;
        std::filesystem::resize_file(file, before + random() % written);
        throw Killed{};
      });
      FAIL("not killed");
    } catch (const Killed&) {
    }
    run_once(session, root / "traces", nullptr);
    check_each_once(root / "traces", expected);
  }
}

TEST_CASE("exporters killed by SIGKILL again and again still export each span once", "[exporter][commit]") {
  std::mt19937 random(11);
  for (int run = 0; run < 8; ++run) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    const std::size_t expected = fill_session(session, 20'000);
    int kills = 0;
    for (bool complete = false; !complete;) {
      const pid_t exporter = ::fork();
      REQUIRE(exporter >= 0);
      if (exporter == 0) {
        session::ExporterOptions options;
        options.settings.trace_dir = root / "traces";
        options.linger = std::chrono::milliseconds(0);
        // The directory may have been set aside by the one before.
        const std::string aside = session + ".done";
        session::run_exporter(test::exists(session) ? session : aside, std::move(options));
        ::_exit(0);
      }
      ::usleep(static_cast<useconds_t>(6000 + random() % 60'000));
      ::kill(exporter, SIGKILL);
      int status = 0;
      ::waitpid(exporter, &status, 0);
      kills += WIFSIGNALED(status) ? 1 : 0;
      complete = !test::exists(session) && !test::exists(session + ".done");
      REQUIRE(kills < 1000);
    }
    check_each_once(root / "traces", expected);
  }
}

TEST_CASE("a file that ends in the middle of nowhere is not trusted as progress", "[exporter][commit]") {
  const MemoryDir root;
  const std::string path = root / session::kExportStateName;
  session::ExportState state{"/traces/x.jsonl", 100, 50, {{"1-2.journal", 9, true, {{1, 2, 3}, {4, 5, 6}}}}};
  {
    session::ExportStateFile file;
    REQUIRE(file.open(path));
    CHECK_FALSE(file.read());
    REQUIRE(file.write(state));
    state.offset = 150;
    REQUIRE(file.write(state));
  }
  const std::string bytes = test::read_text(path);
  const auto offset_read = [&](const std::string& content) -> std::uint64_t {
    JournalImage::save_bytes(path, {content.begin(), content.end()});
    session::ExportStateFile file;
    REQUIRE(file.open(path));
    const auto read = file.read();
    return read ? read->offset : 0;
  };
  CHECK(offset_read(bytes) == 150);
  // The later state is in the first slot; with any byte of it changed the one before counts.
  const std::size_t size = 32 + session::serialize(state).size();
  for (std::size_t at = 0; at < size; ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    if (offset_read(damaged) != 100) FAIL_CHECK("believed a state with a wrong byte at " << at);
  }
}

TEST_CASE("a state reads back as it was written, and a cut one not at all", "[exporter][commit]") {
  const session::ExportState state{"/traces/x.jsonl",
                                   1ULL << 40,
                                   50,
                                   {{"1-2.journal", 9, true, {{1, 2, 3}}}, {"3-4.journal", 10, false, {}}}};
  const std::string bytes = session::serialize(state);
  const auto back = session::parse_export_state(bytes);
  REQUIRE(back);
  CHECK(back->output == state.output);
  CHECK(back->offset == state.offset);
  REQUIRE(back->parts.size() == 2);
  CHECK(back->parts[0].journal == "1-2.journal");
  CHECK(back->parts[0].closed);
  CHECK(back->parts[0].progress == state.parts[0].progress);
  CHECK(back->parts[1].opened_ticks == 10);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(session::parse_export_state(bytes.substr(0, size)));
  }
}

TEST_CASE("a trace file that is taken away mid-session is begun anew", "[exporter][commit]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  fill_session(session, 3000);
  bool taken = false;
  run_once(session, root / "traces", [&](CommitStep step) {
    if (step != CommitStep::kAppended || taken) return;
    taken = true;
    std::filesystem::rename(only_file(root / "traces"), root / "taken.jsonl");
  });
  const auto ids = exported_ids(root / "traces");
  CHECK(ids.size() == 2 * 3003 - 2048);
}

TEST_CASE("the note of a batch fits into its slot with the longest names there are", "[exporter][commit]") {
  const MemoryDir root;
  session::ExportState state{std::string(4095, 'p'), 1, 1, {}};
  for (std::size_t i = 0; i < session::kMaxPartsPerBatch; ++i) {
    state.parts.push_back({std::string(255, 'j'), 1, false, {}});
  }
  state.parts[0].progress.resize(session::kMaxProgressPerBatch);
  session::ExportStateFile file;
  REQUIRE(file.open(root / "state"));
  CHECK(file.write(state));
}
