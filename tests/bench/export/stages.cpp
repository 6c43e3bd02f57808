#include "tests/bench/export/stages.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/net/gzip.h"
#include "exporters/otlp/protobuf_writer.h"
#include "exporters/session/journal_source.h"
#include "exporters/span/shipped_prices.h"
#include "tests/bench/export/journal.h"

namespace llmo::bench {
namespace {

// As the export loop reads.
constexpr session::ReadBudget kBudget{2048, 1 << 20, session::kMaxProgressPerBatch};

double processor_nanos() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

void copy(const std::string& path, Run& run) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, journal::kBlockSize> block{};
  for (ssize_t got = 1; got > 0; run.bytes += static_cast<std::size_t>(got)) {
    got = ::read(fd, block.data(), block.size());
    if (got < 0) break;
  }
  ::close(fd);
}

void decode(const std::string& path, Run& run) {
  const auto opened = session::JournalFile::open(path);
  if (!opened.file) return;
  session::JournalReader reader(*opened.file);
  const session::SpanSink sink{[&](const RawCall&) { ++run.spans; }, [&](const RawSpan&) { ++run.spans; }};
  std::vector<session::Extent> extents;
  do {
    extents.clear();
    session::ReadBudget budget = kBudget;
    reader.read_records(budget, extents);
    for (const session::Extent& extent : extents) {
      session::decode_records(extent, sink);
      run.bytes += extent.bytes.size();
    }
  } while (!extents.empty());
}

std::size_t put_out(Stage stage, const std::vector<Span>& spans, std::string& out) {
  out.clear();
  if (stage == Stage::kSpans || spans.empty()) return 0;
  if (stage == Stage::kJson) return file::to_otlp_json(spans).size();
  otlp::append_otlp_protobuf(spans, out);
  return stage == Stage::kGzip ? net::gzip(out).value_or("").size() : out.size();
}

void export_all(Stage stage, const std::string& path, std::uint64_t ticks_per_second, Run& run) {
  auto opened = session::JournalFile::open(path);
  if (!opened.file) return;
  session::SourceContext context;
  context.ticks_per_second = ticks_per_second;
  context.tools = {make_places(), nullptr, std::make_shared<const PriceTable>(shipped_prices())};
  session::JournalSource source("bench.journal", std::move(opened.file), context);
  std::string out;
  while (!source.drained()) {
    session::ReadBudget budget = kBudget;
    session::Batch batch;
    source.read(budget, batch);
    run.spans += batch.spans.size();
    run.bytes += put_out(stage, batch.spans, out);
    for (const session::JournalPart& part : batch.parts) source.apply(part);
  }
}

}  // namespace

Run run_stage(Stage stage, const std::string& path, std::uint64_t ticks_per_second) {
  Run run;
  const double begun = processor_nanos();
  if (stage == Stage::kCopy) {
    copy(path, run);
  } else if (stage == Stage::kDecode) {
    decode(path, run);
  } else {
    export_all(stage, path, ticks_per_second, run);
  }
  run.nanos = processor_nanos() - begun;
  return run;
}

}  // namespace llmo::bench
