// Sessions from journals on disk to the trace file: what becomes of the spans of processes that live and end.
#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;

}  // namespace

TEST_CASE("a dead process's finished spans come to the trace file, whole", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  auto options = options_for(root);
  options.settings.service_name = "planner";
  const auto report = session::run_exporter(session, std::move(options));

  CHECK(report.end == session::ExportEnd::kComplete);
  CHECK(report.spans == 2);
  CHECK(report.processes == 1);
  CHECK(report.output_path == root / "traces/planner-20260101T000000Z-2147483632.otlp.jsonl");
  CHECK_FALSE(test::exists(session));
  CHECK_FALSE(test::exists(root / "exporter.log"));

  const auto spans = spans_in(report.output_path);
  REQUIRE(spans.size() == 2);
  const Span& call = span_with_id(spans, 1);
  CHECK(call.name == "workflow.acme::plan_workflow");
  CHECK(call.kind == SpanKind::kInternal);
  CHECK(call.trace_id == TraceId{0x0102030405060708, 0x090a0b0c0d0e0f10});
  CHECK(call.parent_span_id == 0);
  CHECK(call.start_unix_nanos == kOpenedUnix + 1000);
  CHECK(call.end_unix_nanos == kOpenedUnix + 2000);
  CHECK(call.flags == 0x101);
  CHECK(value(call.attributes, "code.function.name") == "acme::plan_workflow");
  CHECK(value(call.attributes, "llmobserve.module") == "agent");
  CHECK(value<std::int64_t>(call.attributes, "thread.id") == 4001);
  CHECK(value(call.attributes, "thread.name") == "worker 1");
  CHECK(find_attribute(call.attributes, "llmobserve.end") == nullptr);
  CHECK(value(call.resource->attributes, "service.name") == "planner");
  CHECK(value<std::int64_t>(call.resource->attributes, "process.pid") == 2147483632);
  CHECK(value(call.resource->attributes, "telemetry.sdk.name") == "llmobserve");

  const Span& request = span_with_id(spans, 2);
  CHECK(request.name == "llm.request");
  CHECK(request.kind == SpanKind::kClient);
  CHECK(request.parent_span_id == 1);
  CHECK(request.status == StatusCode::kError);
  CHECK(request.status_message == "429 Too Many");
  CHECK(value<double>(request.attributes, "llmobserve.cost.usd") == Approx(0.15 + 0.3));
}

TEST_CASE("spans that were open when their process was killed are closed and marked", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  journal_with_open_spans().save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.spans == 4);
  CHECK(report.closed_spans == 3);
  const auto spans = spans_in(report.output_path);
  for (const std::uint64_t id : {10U, 11U, 12U}) {
    const Span& span = span_with_id(spans, id);
    CHECK(value(span.attributes, "llmobserve.end") == "killed");
    // Nobody saw it die: the last sign of life is the end of span 13.
    CHECK(span.end_unix_nanos == kOpenedUnix + 500);
  }
  CHECK(find_attribute(span_with_id(spans, 13).attributes, "llmobserve.end") == nullptr);
}

TEST_CASE("spans open at exit() end when it was called, or later where something still ran",
          "[exporter][session]") {
  for (const std::uint64_t exit_after : {100U, 9000U}) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    JournalImage image = journal_with_open_spans();
    image.header().state.store(journal::ProcessState::kExiting);
    image.header().end_ticks.store(kOpenedTicks + exit_after);
    image.save(session);
    const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
    const Span& span = span_with_id(spans, 10);
    CHECK(value(span.attributes, "llmobserve.end") == "process_exit");
    CHECK(span.end_unix_nanos == kOpenedUnix + std::max<std::uint64_t>(exit_after, 500));
  }
}

TEST_CASE("a span that was published but not yet taken off the stack comes once, as it ended",
          "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  JournalImage image = journal_with_open_spans();
  image.add_call(3, {.span_id = 11, .parent = 10, .start = kOpenedTicks + 20, .end = kOpenedTicks + 600});
  image.save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.closed_spans == 2);
  const auto spans = spans_in(report.output_path);
  CHECK(spans.size() == 4);
  CHECK(find_attribute(span_with_id(spans, 11).attributes, "llmobserve.end") == nullptr);
}

TEST_CASE("a death that is seen gives open spans its time", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  const auto frames = image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 10, .start = image.header().opened.ticks});
  image.save(session);
  std::uint64_t killed_at = 0;
  std::thread killer([&] {
    ::usleep(50'000);
    killed_at = monotonic_now();
    process.kill();
  });
  const auto report = session::run_exporter(session, options_for(root));
  killer.join();
  const auto spans = spans_in(report.output_path);
  REQUIRE(spans.size() == 1);
  const std::uint64_t offset = image.header().opened.unix_nanos - image.header().opened.monotonic_nanos;
  CHECK(spans[0].end_unix_nanos >= killed_at + offset);
  CHECK(spans[0].end_unix_nanos < killed_at + offset + 150'000'000);
  CHECK(value(spans[0].attributes, "llmobserve.end") == "killed");
}

TEST_CASE("a pid that another process has by now does not keep a session open", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage image(process.pid(), process.start() - 1);
  image.add_block(journal::BlockKind::kRecords);
  image.add_call(0, {.span_id = 1});
  image.save(session);
  CHECK(session::run_exporter(session, options_for(root)).end == session::ExportEnd::kComplete);
}

TEST_CASE("a program that was replaced by exec has its open spans closed", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage before = living_journal(process);
  before.add_block(journal::BlockKind::kFrames);
  before.add_open_frame(0, {.span_id = 10, .start = before.header().opened.ticks});
  before.save(session);
  JournalImage after = living_journal(process);
  JournalImage::save_bytes(session + "/" + std::to_string(process.pid()) + "-image.journal", after.bytes());
  auto options = options_for(root);
  options.once = true;
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kLeft);
  const auto spans = spans_in(report.output_path);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].end_unix_nanos ==
        after.header().opened.unix_nanos +
            (before.header().opened.unix_nanos - before.header().opened.monotonic_nanos) -
            (after.header().opened.unix_nanos - after.header().opened.monotonic_nanos));
}

TEST_CASE("what could not be recorded is said in one diagnostics span", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  JournalImage image = simple_journal();
  image.add_note(0, "LLMOBSERVE_JOURNAL_MAX=many is not a number, 256 is used");
  image.header().lost_spans.store(7);
  image.header().lost_frames.store(1);
  image.save(session);
  const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
  REQUIRE(spans.size() == 3);
  const auto found = std::find_if(spans.begin(), spans.end(),
                                  [](const Span& span) { return span.name == "llmobserve.diagnostics"; });
  REQUIRE(found != spans.end());
  CHECK(value<std::int64_t>(found->attributes, "llmobserve.lost.spans") == 7);
  CHECK(value<std::int64_t>(found->attributes, "llmobserve.lost.frames") == 1);
  CHECK(find_attribute(found->attributes, "llmobserve.lost.attributes") == nullptr);
  REQUIRE(found->events.size() == 1);
  CHECK(value(found->events[0].attributes, "message").starts_with("LLMOBSERVE_JOURNAL_MAX=many"));
}

TEST_CASE("processes of a session share one file, each with its own resource", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  JournalImage child(0x7ffffff1);
  child.add_block(journal::BlockKind::kRecords);
  child.add_call(0,
                 {.span_id = 77, .parent = 1, .flags = journal::kFlagSampled | journal::kFlagParentRemote});
  child.save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.processes == 2);
  const auto spans = spans_in(report.output_path);
  const Span& span = span_with_id(spans, 77);
  CHECK(span.name == "workflow.unknown");
  CHECK(span.flags == 0x301);
  CHECK(value<std::int64_t>(span.resource->attributes, "process.pid") == 0x7ffffff1);
  CHECK(value(span.resource->attributes, "service.instance.id") !=
        value(span_with_id(spans, 1).resource->attributes, "service.instance.id"));
}

TEST_CASE("further exporters get the same batches, and the end", "[exporter][session]") {
  struct Counting : Exporter {
    std::string name() const override { return "counting"; }
    explicit Counting(std::vector<std::string>& events) : events_(events) {}
    bool export_batch(std::span<const Span> spans) override {
      events_.push_back("batch of " + std::to_string(spans.size()));
      return ++calls_ > 1;
    }
    void end_of_session() override { events_.emplace_back("end"); }
    std::vector<std::string>& events_;
    int calls_ = 0;
  };
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  std::vector<std::string> events;
  auto options = options_for(root);
  options.exporters.push_back(std::make_unique<Counting>(events));
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kComplete);
  CHECK(events == std::vector<std::string>{"batch of 2", "batch of 2", "end"});
  CHECK(spans_in(report.output_path).size() == 2);  // refused by the other, but in the file once
}

TEST_CASE("the space of a finished process goes back to its session", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage living = living_journal(process);
  living.save(session);
  simple_journal().save(session);  // two blocks of the ten that are taken
  auto options = options_for(root);
  options.once = true;
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.processes == 1);
  std::string control = test::read_text(session + "/control");
  std::uint64_t reserved = 0;
  std::memcpy(&reserved, control.data() + offsetof(journal::SessionControl, bytes_reserved), sizeof reserved);
  CHECK(reserved == 8 * journal::kBlockSize);
}

TEST_CASE("a child that records its first span while the session lingers is served", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  simple_journal().save(session);
  std::thread child([&] {
    while (!test::exists(root / "traces")) ::usleep(1000);
    ::usleep(30'000);
    JournalImage image(0x7ffffff1);
    image.add_block(journal::BlockKind::kRecords);
    image.add_call(0, {.span_id = 77});
    const std::string hidden = root / image.name();
    JournalImage::save_bytes(hidden, image.bytes());
    ::rename(hidden.c_str(), (session + "/" + image.name()).c_str());
  });
  auto options = options_for(root);
  options.linger = std::chrono::milliseconds(500);
  const auto report = session::run_exporter(session, std::move(options));
  child.join();
  CHECK(report.processes == 2);
  CHECK(report.spans == 3);
  CHECK(spans_in(report.output_path).size() == 3);
}

TEST_CASE("a call whose attributes do not fit into its record is damage, at every size",
          "[exporter][session]") {
  const MemoryDir root;
  JournalImage image;
  image.add_block(journal::BlockKind::kRecords);
  image.add_call(0, {.span_id = 1}, AttributeBytes().add("key", "some text"));
  const std::size_t length = image.used(0);
  for (std::uint32_t size = 0; size < 200; ++size) {
    const std::string session = test::make_session(root, "s" + std::to_string(size));
    std::memcpy(
        image.bytes().data() + JournalImage::offset_of(0) + offsetof(journal::FunctionSpan, attributes_size),
        &size, sizeof size);
    image.save(session);
    auto options = options_for(root);
    options.settings.trace_dir = root / ("t" + std::to_string(size));
    const auto report = session::run_exporter(session, std::move(options));
    const bool fits = size <= length - sizeof(journal::FunctionSpan);
    CHECK(report.damaged == (fits ? 0 : 1));
    CHECK(report.spans == 1);  // the call, or the diagnostics that say it is lost
  }
}
