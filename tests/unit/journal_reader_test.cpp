// What the exporter gets out of a journal, whole and damaged.
#include "exporters/session/journal_reader.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "tests/unit/exporter_journal.h"

namespace {

using namespace llmo;
using journal::BlockKind;
using journal::BlockState;
using session::Extent;
using session::JournalFile;
using session::JournalReader;
using session::ReadBudget;
using test::CallSpec;
using test::JournalImage;
using test::kOpenedTicks;
using test::MemoryDir;

constexpr ReadBudget kPlenty{1 << 20, 1 << 30, 1 << 20};

// What a reader says of a span, as text that two readings can be compared by.
std::string describe(const RawSpanBase& span) {
  return std::to_string(span.span_id) + "<" + std::to_string(span.parent_span_id) + "@" +
         std::to_string(span.trace.high) + "." + std::to_string(span.trace.low) + "[" +
         std::to_string(span.start_ticks) + "," + std::to_string(span.end_ticks) + "]" +
         std::to_string(static_cast<int>(span.end_kind)) + "/" + std::to_string(span.flags) + "/" +
         std::to_string(span.tid);
}

std::string describe_call(const RawCall& call) {
  return describe(call) + " f" + std::to_string(call.function);
}

std::string describe_span(const RawSpan& span) {
  return describe(span) + " " + std::string(span.name) + "|" + std::string(span.status_message) + "|" +
         std::to_string(span.attributes.size());
}

struct Reading {
  std::vector<std::string> spans;
  std::vector<session::BlockProgress> progress;
};

Reading read_all(JournalReader& reader, ReadBudget budget = kPlenty) {
  std::vector<Extent> extents;
  reader.read_records(budget, extents);
  Reading reading;
  const session::SpanSink sink{[&](const RawCall& call) { reading.spans.push_back(describe_call(call)); },
                               [&](const RawSpan& span) { reading.spans.push_back(describe_span(span)); }};
  for (const Extent& extent : extents) {
    reader.count_damaged(decode_records(extent, sink));
    reading.progress.push_back({extent.block, extent.facts.generation, extent.end()});
  }
  return reading;
}

std::vector<std::string> read_open(const JournalReader& reader) {
  std::vector<std::string> open;
  for (const Extent& extent : reader.read_open()) {
    decode_open(extent, {[&](const RawCall& call) { open.push_back(describe_call(call)); },
                         [&](const RawSpan& span) { open.push_back(describe_span(span)); }});
  }
  return open;
}

std::unique_ptr<JournalFile> open_journal(const std::string& path) {
  auto opened = JournalFile::open(path);
  REQUIRE(opened.status == JournalFile::Status::kGood);
  return std::move(opened.file);
}

// Two threads, definitions, open frames, an open span.
JournalImage rich_journal() {
  JournalImage image;
  const auto definitions = image.add_block(BlockKind::kDefinitions, 0);
  image.add_module(definitions, 0, "/opt/app/agent");
  image.add_function(definitions, 0, "acme::plan_workflow");
  image.add_function(definitions, 7, "answer_agent");
  image.add_note(definitions, "LLMOBSERVE_JOURNAL_MAX: not a number");
  const auto frames = image.add_block(BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 900}, journal::RecordKind::kContextFrame);
  image.add_open_frame(frames, {.span_id = 901});
  image.add_open_frame(frames, {.span_id = 902, .parent = 901, .function = 7});
  const auto open = image.add_block(BlockKind::kOpenSpans, 0);
  image.add_open_span(open, {.span_id = 903, .parent = 902}, "llm.request",
                      test::AttributeBytes().add("a", "b"));
  const auto first = image.add_block(BlockKind::kRecords, 1);
  const auto second = image.add_block(BlockKind::kRecords, 2);
  for (std::uint64_t i = 0; i < 5; ++i) {
    image.add_call(first, {.span_id = 10 + i, .parent = 1, .end = kOpenedTicks + 2000 + i});
    image.add_span(second, {.span_id = 20 + i, .parent = 1, .end = kOpenedTicks + 3000 + i}, "GET",
                   test::AttributeBytes().add("http.request.method", "GET").add_int("server.port", 443),
                   journal::SpanStatus::kError, "timeout");
  }
  return image;
}

std::set<std::string> as_set(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

bool is_subset(const std::vector<std::string>& part, const std::set<std::string>& whole) {
  return std::all_of(part.begin(), part.end(), [&](const std::string& s) { return whole.count(s) != 0; });
}

}  // namespace

TEST_CASE("a reader yields each record once, and what is added later", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image = rich_journal();
  const std::string path = image.save(root.path());
  const auto file = open_journal(path);
  JournalReader reader(*file);
  CHECK(read_all(reader).spans.size() == 10);
  CHECK(read_all(reader).spans.empty());
  image.add_call(3, {.span_id = 99});
  image.save(root.path());
  const auto more = read_all(reader).spans;
  REQUIRE(more.size() == 1);
  CHECK(more[0].substr(0, 3) == "99<");
  CHECK(reader.damaged() == 0);
}

TEST_CASE("definitions are found in whatever block they are, and only once", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image = rich_journal();
  const auto second = image.add_block(BlockKind::kDefinitions, 0);
  image.add_function(second, 8, "late_handler", 3);
  image.add_function(second, 7, "somebody_else");
  const auto file = open_journal(image.save(root.path()));
  JournalReader reader(*file);
  Definitions definitions;
  reader.read_definitions(definitions);
  reader.read_definitions(definitions);
  REQUIRE(definitions.function(0) != nullptr);
  CHECK(definitions.function(0)->name == "acme::plan_workflow");
  CHECK(definitions.function(7)->name == "answer_agent");
  CHECK(definitions.function(8)->module == 3);
  CHECK(definitions.module(0)->path == "/opt/app/agent");
  CHECK(definitions.module(3) == nullptr);
  CHECK(definitions.notes == std::vector<std::string>{"LLMOBSERVE_JOURNAL_MAX: not a number"});
  CHECK(reader.damaged() == 0);
}

TEST_CASE("open frames and open spans are seen, contexts and free slots are not", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image = rich_journal();
  // A slot that a thread has claimed and not filled when it died.
  const std::uint32_t claimed = journal::kClaimedSlot;
  std::memcpy(image.bytes().data() + JournalImage::offset_of(2) + journal::kOpenSpanSize, &claimed,
              sizeof claimed);
  const auto file = open_journal(image.save(root.path()));
  const JournalReader reader(*file);
  const auto open = read_open(reader);
  REQUIRE(open.size() == 3);
  CHECK(open[0].starts_with("901<0@"));
  CHECK(open[1].starts_with("902<901@"));
  CHECK(open[2].starts_with("903<902@"));
  std::size_t damaged = 0;
  for (const Extent& extent : reader.read_open())
    damaged += decode_open(extent, {[](auto&) {}, [](auto&) {}});
  CHECK(damaged == 0);
}

TEST_CASE("a reader begins where the last one had committed", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image = rich_journal();
  const std::string path = image.save(root.path());
  {
    const auto file = open_journal(path);
    JournalReader reader(*file);
    const Reading reading = read_all(reader, {3, 1 << 20, 10});
    REQUIRE(reading.spans.size() == 3);
    for (const auto& progress : reading.progress) reader.commit(progress);
  }
  const auto file = open_journal(path);
  JournalReader reader(*file);
  CHECK(read_all(reader).spans.size() == 7);
}

TEST_CASE("a `consumed` that is no record's end is not believed", "[journal_reader]") {
  for (const std::uint32_t consumed : {8U, 65U, 70000U, 0xffffffffU}) {
    const MemoryDir root;
    JournalImage image = rich_journal();
    image.block_header(3).consumed.store(consumed);
    const auto file = open_journal(image.save(root.path()));
    JournalReader reader(*file);
    CHECK(read_all(reader).spans.size() == 10);
    CHECK(reader.damaged() == 1);
  }
}

TEST_CASE("a sealed block that is committed goes back to the host, zeroed, a generation older",
          "[journal_reader]") {
  const MemoryDir root;
  JournalImage image;
  const auto sealed = image.add_block(BlockKind::kRecords, 1, BlockState::kSealed);
  const auto open = image.add_block(BlockKind::kRecords, 2);
  image.add_call(sealed, {.span_id = 1});
  image.add_call(open, {.span_id = 2});
  const std::string path = image.save(root.path());
  const auto file = open_journal(path);
  JournalReader reader(*file);
  const Reading reading = read_all(reader);
  reader.free_done_blocks();
  CHECK(file->read_block(sealed)->state == BlockState::kSealed);  // read is not committed

  for (const auto& progress : reading.progress) reader.commit(progress);
  reader.free_done_blocks();
  const auto freed = file->read_block(sealed);
  CHECK(freed->state == BlockState::kFree);
  CHECK(freed->generation == 1);
  CHECK(freed->consumed == 0);
  const std::string bytes = test::read_text(path);
  CHECK(
      std::all_of(bytes.begin() + static_cast<long>(JournalImage::offset_of(sealed)),
                  bytes.begin() + static_cast<long>(JournalImage::offset_of(sealed) + session::kPayloadSize),
                  [](char c) { return c == 0; }));
  CHECK(file->read_block(open)->state == BlockState::kOpen);
  CHECK(file->read_block(open)->consumed == 64);
}

TEST_CASE("a block in its next use is read from its start, and old progress does not touch it",
          "[journal_reader]") {
  const MemoryDir root;
  JournalImage image;
  const auto block = image.add_block(BlockKind::kRecords, 1, BlockState::kSealed);
  image.add_call(block, {.span_id = 1});
  image.add_call(block, {.span_id = 2});
  const std::string path = image.save(root.path());
  const auto file = open_journal(path);
  JournalReader reader(*file);
  const Reading first = read_all(reader);
  reader.commit(first.progress.at(0));
  reader.free_done_blocks();

  JournalImage next;
  next.add_block(BlockKind::kRecords, 2);
  next.block_header(0).generation = 1;
  next.add_call(0, {.span_id = 3});
  next.save(root.path());
  reader.commit(first.progress.at(0));
  CHECK(file->read_block(0)->consumed == 0);
  const auto spans = read_all(reader).spans;
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].starts_with("3<"));
  CHECK(spans[0].find("/4002") != std::string::npos);
}

TEST_CASE("a block is kept while a span in it still stands in an open slot", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image;
  const auto frames = image.add_block(BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 5});
  const auto sealed = image.add_block(BlockKind::kRecords, 1, BlockState::kSealed);
  image.add_call(sealed, {.span_id = 5});
  const auto file = open_journal(image.save(root.path()));
  JournalReader reader(*file);
  for (const auto& progress : read_all(reader).progress) reader.commit(progress);
  reader.free_done_blocks();
  CHECK(file->read_block(sealed)->state == BlockState::kSealed);
  CHECK(reader.published({5, 6}) == std::unordered_set<std::uint64_t>{5});

  std::fill_n(image.bytes().begin() + static_cast<long>(JournalImage::offset_of(frames)), 4, '\0');
  const auto consumed = file->read_block(sealed)->consumed;
  image.block_header(sealed).consumed.store(consumed);
  image.save(root.path());
  reader.free_done_blocks();
  CHECK(file->read_block(sealed)->state == BlockState::kFree);
}

TEST_CASE("threads take turns when there is more than a batch holds", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image;
  for (std::uint32_t thread = 1; thread <= 3; ++thread) {
    const auto block = image.add_block(BlockKind::kRecords, thread);
    for (std::uint64_t i = 0; i < 100; ++i) image.add_call(block, {.span_id = thread * 1000 + i});
  }
  const auto file = open_journal(image.save(root.path()));
  JournalReader reader(*file);
  std::set<std::uint32_t> blocks;
  for (int turn = 0; turn < 3; ++turn) {
    for (const auto& progress : read_all(reader, {50, 1 << 20, 10}).progress) blocks.insert(progress.block);
  }
  CHECK(blocks.size() == 3);
}

TEST_CASE("a file that is no journal is told apart", "[journal_reader]") {
  const MemoryDir root;
  const std::string path = root / "1-2.journal";
  using Status = JournalFile::Status;
  CHECK(JournalFile::open(path).status == Status::kGone);
  JournalImage::save_bytes(path, {});
  CHECK(JournalFile::open(path).status == Status::kNotYet);
  JournalImage image;
  const auto with = [&](auto change) {
    JournalImage copy = image;
    change(copy.header());
    JournalImage::save_bytes(path, copy.bytes());
    return JournalFile::open(path).status;
  };
  CHECK(with([](auto&) {}) == Status::kGood);
  CHECK(with([](auto& h) { h.magic = 0; }) == Status::kNotYet);
  CHECK(with([](auto& h) { h.magic = 1; }) == Status::kForeign);
  CHECK(with([](auto& h) { h.version = journal::kVersion + 1; }) == Status::kForeign);
  CHECK(with([](auto& h) { h.block_size = 0; }) == Status::kForeign);
  CHECK(with([](auto& h) { h.clock_kind = static_cast<journal::ClockKind>(9); }) == Status::kForeign);
  ::unlink(path.c_str());
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(JournalFile::open(path).status == Status::kGone);
  ::unlink(path.c_str());
  REQUIRE(::symlink("/etc/passwd", path.c_str()) == 0);
  CHECK(JournalFile::open(path).status == Status::kGone);
}

TEST_CASE("a header that promises more blocks than there are does no harm", "[journal_reader]") {
  const MemoryDir root;
  JournalImage image = rich_journal();
  image.header().blocks_allocated.store(0xffffffff);
  image.header().block_capacity = 0xffffffff;
  const auto file = open_journal(image.save(root.path()));
  JournalReader reader(*file);
  CHECK(read_all(reader).spans.size() == 10);
}

TEST_CASE("a journal cut short at any byte gives only spans that were there, whole",
          "[journal_reader][torn]") {
  const MemoryDir root;
  const std::string path = root / "j.journal";
  JournalImage image = rich_journal();
  JournalImage::save_bytes(path, image.bytes());
  std::set<std::string> whole;
  std::set<std::string> whole_open;
  {
    const auto file = open_journal(path);
    JournalReader reader(*file);
    whole = as_set(read_all(reader).spans);
    whole_open = as_set(read_open(reader));
  }
  // Every byte from the end of the last record down to the first block with spans, in steps of a record
  // elsewhere.
  std::size_t most = 0;
  const auto check_at = [&](std::size_t size) {
    JournalImage::save_bytes(path, {image.bytes().begin(), image.bytes().begin() + static_cast<long>(size)});
    auto opened = JournalFile::open(path);
    if (opened.status != JournalFile::Status::kGood) return;
    JournalReader reader(*opened.file);
    Definitions definitions;
    reader.read_definitions(definitions);
    const auto spans = read_all(reader).spans;
    most = std::max(most, spans.size());
    const bool true_spans = is_subset(spans, whole) && is_subset(read_open(reader), whole_open);
    if (!true_spans) FAIL_CHECK("wrong spans where the file ends at " << size);
  };
  for (std::uint32_t block = 0; block < 5; ++block) {
    const std::size_t start = JournalImage::offset_of(block) - journal::kBlockHeaderSize;
    const std::size_t used = journal::kBlockHeaderSize + image.used(block);
    const std::size_t step = block == 4 ? 1 : 8;
    for (std::size_t offset = 0; offset <= used + 64; offset += step) check_at(start + offset);
  }
  for (std::size_t size = 0; size < journal::kHeaderSize + 100; size += 7) check_at(size);
  CHECK(most == 10);
}

TEST_CASE("a journal zeroed from any record on gives exactly the records before", "[journal_reader][torn]") {
  const MemoryDir root;
  const std::string path = root / "j.journal";
  JournalImage image;
  const auto block = image.add_block(BlockKind::kRecords);
  std::vector<std::size_t> ends{0};
  for (std::uint64_t i = 1; i <= 40; ++i) {
    if (i % 2 == 0) {
      image.add_call(block, {.span_id = i});
    } else {
      image.add_span(block, {.span_id = i}, std::string(i, 'n'), test::AttributeBytes().add("key", "value"));
    }
    ends.push_back(image.used(block));
  }
  for (std::size_t count = 0; count < ends.size(); ++count) {
    JournalImage torn = image;
    const auto from = torn.bytes().begin() + static_cast<long>(JournalImage::offset_of(block) + ends[count]);
    std::fill(from, torn.bytes().end(), '\0');
    JournalImage::save_bytes(path, torn.bytes());
    const auto file = open_journal(path);
    JournalReader reader(*file);
    CHECK(read_all(reader).spans.size() == count);
    CHECK(reader.damaged() == 0);
  }
}

TEST_CASE("a journal zeroed from any byte on never gives a span of other ids or times",
          "[journal_reader][torn]") {
  const MemoryDir root;
  const std::string path = root / "j.journal";
  const std::uint64_t high_ticks = 0x0102030405060708;
  JournalImage image;
  const auto block = image.add_block(BlockKind::kRecords);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    const CallSpec call{.span_id = i * 0x0101010101010101,
                        .parent = 0x1111111111111111,
                        .start = high_ticks + i,
                        .end = high_ticks + 100 + i};
    if (i % 2 == 0) {
      image.add_call(block, call);
    } else {
      image.add_span(block, call, "request", test::AttributeBytes().add("key", "value"));
    }
  }
  const auto base = [](const std::vector<std::string>& spans) {
    std::set<std::string> result;
    for (const std::string& span : spans) result.insert(span.substr(0, span.find(' ')));
    return result;
  };
  JournalImage::save_bytes(path, image.bytes());
  const auto whole_file = open_journal(path);
  JournalReader whole_reader(*whole_file);
  const auto whole = base(read_all(whole_reader).spans);
  REQUIRE(whole.size() == 6);
  for (std::size_t offset = 0; offset <= image.used(block); ++offset) {
    JournalImage torn = image;
    std::fill(torn.bytes().begin() + static_cast<long>(JournalImage::offset_of(block) + offset),
              torn.bytes().end(), '\0');
    JournalImage::save_bytes(path, torn.bytes());
    const auto file = open_journal(path);
    JournalReader reader(*file);
    const auto some = base(read_all(reader).spans);
    if (!std::includes(whole.begin(), whole.end(), some.begin(), some.end())) {
      FAIL_CHECK("a wrong span where zeros begin at " << offset);
    }
  }
}

TEST_CASE("random damage never stops a reader", "[journal_reader][torn]") {
  const MemoryDir root;
  const std::string path = root / "j.journal";
  std::mt19937_64 random(20260101);
  const JournalImage image = rich_journal();
  std::size_t spans = 0;
  for (int run = 0; run < 3000; ++run) {
    JournalImage damaged = image;
    const int changes = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < changes; ++i) {
      // Mostly where something stands: headers and the first kilobyte of each block.
      const std::uint64_t block = random() % 5;
      const std::size_t offset =
          random() % 4 == 0
              ? random() % damaged.bytes().size()
              : JournalImage::offset_of(static_cast<std::uint32_t>(block)) - 64 + random() % 1024;
      damaged.bytes()[std::min(offset, damaged.bytes().size() - 1)] = static_cast<char>(random());
    }
    JournalImage::save_bytes(path, damaged.bytes());
    auto opened = JournalFile::open(path);
    if (opened.status != JournalFile::Status::kGood) continue;
    JournalReader reader(*opened.file);
    Definitions definitions;
    const Reading reading = read_all(reader);
    spans += reading.spans.size();
    reader.read_definitions(definitions);
    read_open(reader);
    reader.published({10, 11, 901});
    reader.last_end_ticks(UINT64_MAX);
    for (const auto& progress : reading.progress) reader.commit(progress);
    reader.free_done_blocks();
    CHECK(reading.spans.size() < 2000);
  }
  CHECK(spans > 3000);
}
