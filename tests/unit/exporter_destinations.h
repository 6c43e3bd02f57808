// Destinations that take and refuse spans by a script, and sessions exported to them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/session/export_loop.h"
#include "exporters/session/exporter.h"
#include "exporters/session/recover.h"
#include "exporters/span/price_file.h"
#include "tests/unit/exporter_sessions.h"

namespace llmo::test {

// What a destination does and has done; it outlives the exporter.
struct Script {
  std::string name = "remote";
  bool remote = true;
  std::function<bool(std::size_t attempt)> takes = [](std::size_t) { return true; };
  std::chrono::milliseconds retry_in{1};
  std::string problem = "connection refused";
  std::string warning{};

  std::size_t attempts = 0;
  std::vector<std::vector<std::uint64_t>> taken{};  // ids, by batch
  std::vector<std::uint64_t> last_refused{};
  bool ended = false;

  std::vector<std::uint64_t> ids() const {
    std::vector<std::uint64_t> all;
    for (const auto& batch : taken) all.insert(all.end(), batch.begin(), batch.end());
    return all;
  }
  std::vector<std::uint64_t> sorted_ids() const {
    auto all = ids();
    std::sort(all.begin(), all.end());
    return all;
  }
};

class Scripted : public Exporter {
 public:
  explicit Scripted(Script& script) : script_(script) {}
  std::string name() const override { return script_.name; }
  bool remote() const override { return script_.remote; }
  std::string problem() const override { return script_.problem; }
  std::chrono::milliseconds retry_in() const override { return script_.retry_in; }
  std::string take_warning() override { return std::exchange(script_.warning, {}); }
  void end_of_session() override { script_.ended = true; }
  bool export_batch(std::span<const Span> spans) override {
    std::vector<std::uint64_t> ids;
    for (const Span& span : spans) ids.push_back(span.span_id);
    if (!script_.takes(++script_.attempts)) {
      // What comes after a refusal has to be the same again.
      if (!script_.last_refused.empty()) CHECK(ids == script_.last_refused);
      script_.last_refused = ids;
      return false;
    }
    if (!script_.last_refused.empty()) CHECK(ids == std::exchange(script_.last_refused, {}));
    script_.taken.push_back(std::move(ids));
    return true;
  }

 private:
  Script& script_;
};

struct Killed {};

struct ExportRun {
  std::vector<Script*> scripts{};
  bool write_file = true;
  session::LoopOptions loop{};
  session::Patience patience{};
  std::function<void(session::CommitStep)> after_step{};
};

inline session::ExportReport export_session(const MemoryDir& root, const std::string& session,
                                            const ExportRun& run) {
  session::SessionDirectory directory;
  REQUIRE(directory.open(session) == session::SessionDirectory::OpenResult::kOpened);
  session::Log log(root.path(), false);
  session::SourceContext context;
  context.tools.prices = load_prices({}).table;
  session::CommitOptions commit{root / "traces", run.write_file};
  for (Script* const script : run.scripts) commit.exporters.push_back(std::make_unique<Scripted>(*script));
  commit.patience = run.patience;
  commit.after_step = run.after_step;
  session::Committer committer(std::move(commit), log);
  session::LoopOptions loop = run.loop;
  loop.linger = std::chrono::milliseconds(0);
  return session::ExportLoop(directory, committer, context, log, loop).run();
}

// `processes` dead processes with `each` finished spans in sealed blocks. Returns their ids, sorted.
inline std::vector<std::uint64_t> fill_session(const std::string& session, std::uint32_t processes,
                                               std::uint64_t each) {
  std::vector<std::uint64_t> ids;
  for (std::uint32_t process = 0; process < processes; ++process) {
    JournalImage image(0x7ffffff0 + process, 77, 1000);
    std::uint32_t block = 0;
    for (std::uint64_t i = 0; i < each; ++i) {
      if (i % 511 == 0) {
        block = image.add_block(journal::BlockKind::kRecords, 1, journal::BlockState::kSealed);
      }
      ids.push_back((process + 1) * 1'000'000 + i);
      image.add_call(block, {.span_id = ids.back()});
    }
    image.save(session);
  }
  return ids;
}

// The ids in all trace files, sorted.
inline std::vector<std::uint64_t> ids_in_files(const MemoryDir& root) {
  std::vector<std::uint64_t> ids;
  if (!exists(root / "traces")) return ids;
  std::vector<Span> spans;
  file::ReadCounts counts;
  for (const auto& entry : std::filesystem::directory_iterator(root / "traces")) {
    read_trace_lines(entry.path(), spans, counts);
  }
  CHECK(counts.damaged_lines == 0);
  for (const Span& span : spans) ids.push_back(span.span_id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace llmo::test
