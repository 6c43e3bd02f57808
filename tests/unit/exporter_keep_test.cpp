// LLMOBSERVE_KEEP=api: which workflow spans stay, when that is decided, and what is remembered of it.
#include "exporters/session/keep_filter.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "exporters/session/waiting_log.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;
using session::KeepFilter;
using session::OpenSpan;

using Ids = std::vector<std::uint64_t>;

Span span(std::uint64_t id, std::uint64_t parent, SpanKind kind = SpanKind::kInternal) {
  static const auto resource = std::make_shared<const Resource>(
      Resource{{{"service.name", std::string("agent")}, {"process.pid", std::int64_t{7}}}});
  Span made;
  made.trace_id = {1, 2};
  made.span_id = id;
  made.parent_span_id = parent;
  made.name = kind == SpanKind::kInternal ? "workflow.plan" : "llm.request";
  made.kind = kind;
  made.start_unix_nanos = 1000 + id;
  made.end_unix_nanos = 2000 + id;
  made.flags = 0x101;
  made.attributes = {{"number", static_cast<std::int64_t>(id)}};
  made.resource = resource;
  return made;
}

Span call(std::uint64_t id, std::uint64_t parent) { return span(id, parent, SpanKind::kClient); }

Ids take(KeepFilter& keep, std::vector<Span> spans) {
  keep.take(spans);
  Ids ids;
  for (const Span& out : spans) ids.push_back(out.span_id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void decide(KeepFilter& keep, const std::vector<OpenSpan>& open = {}) { keep.decide(open, keep.taken()); }

std::size_t waiting(KeepFilter& keep) {
  std::vector<Span> spans;
  keep.release(SIZE_MAX, spans);
  return spans.size();
}

}  // namespace

TEST_CASE("a workflow with an API call beneath it stays, one without does not", "[exporter][keep]") {
  KeepFilter keep;
  CHECK(take(keep, {call(3, 2), span(2, 1), span(4, 1), span(1, 0)}) == Ids{1, 2, 3});
  CHECK(keep.anything_waits());
  decide(keep);
  CHECK_FALSE(keep.anything_waits());
}

TEST_CASE("an API call brings out its ancestors, whichever order they come in", "[exporter][keep]") {
  Ids order = {1, 2, 3, 4};
  do {
    KeepFilter keep;
    Ids out;
    for (const std::uint64_t id : order) {
      for (const std::uint64_t ready : take(keep, {id == 4 ? call(4, 3) : span(id, id - 1)}))
        out.push_back(ready);
    }
    std::sort(out.begin(), out.end());
    CHECK(out == Ids{1, 2, 3, 4});
    CHECK_FALSE(keep.anything_waits());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("an API call goes out at once, also in a server that never ends", "[exporter][keep]") {
  KeepFilter keep;
  const std::vector<OpenSpan> server = {{1, 0, false}};
  for (std::uint64_t request = 10; request < 1000; request += 10) {
    CHECK(take(keep, {call(request + 1, request), span(request, 1)}) == Ids{request, request + 1});
    decide(keep, server);
  }
  CHECK_FALSE(keep.anything_waits());
  CHECK(take(keep, {span(1, 0)}) == Ids{1});
}

TEST_CASE("what waits is not decided on while anything of its tree is open", "[exporter][keep]") {
  const std::vector<std::vector<OpenSpan>> open = {
      {{1, 0, false}},                 // the outermost
      {{9, 2, false}},                 // a call beneath it, in another thread
      {{9, 8, false}, {8, 2, false}},  // deeper
      {{0, 2, false}},                 // a thread that will have it as parent
  };
  for (const auto& spans : open) {
    KeepFilter keep;
    CHECK(take(keep, {span(2, 1)}).empty());
    decide(keep, spans);
    CHECK(waiting(keep) == 1);
  }
  KeepFilter keep;
  take(keep, {span(2, 1)});
  decide(keep, {{5, 0, false}, {6, 5, false}, {0, 0, false}});  // of other trees
  CHECK_FALSE(keep.anything_waits());
}

TEST_CASE("spans that came after the look at what is open are not decided on by it", "[exporter][keep]") {
  KeepFilter keep;
  take(keep, {span(1, 0)});
  const std::uint64_t taken = keep.taken();
  take(keep, {span(2, 0)});
  keep.decide({}, taken);
  CHECK(waiting(keep) == 1);
}

TEST_CASE("a remote parent makes no tree of all that it asked for", "[exporter][keep]") {
  KeepFilter keep;
  Span one = span(1, 77);
  one.flags |= 0x200;
  take(keep, {one});
  decide(keep, {{2, 77, true}});
  CHECK_FALSE(keep.anything_waits());
  // But where it is of this session, it does.
  take(keep, {one});
  decide(keep, {{77, 0, false}});
  CHECK(keep.anything_waits());
}

TEST_CASE("a late child of dropped spans gets the nearest parent that is there", "[exporter][keep]") {
  KeepFilter keep;
  Span root = span(2, 50);
  root.flags |= 0x200;
  take(keep, {span(3, 2), root});
  decide(keep);
  std::vector<Span> spans = {call(4, 3)};
  keep.take(spans);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].parent_span_id == 50);
  CHECK(spans[0].flags == 0x301);
  take(keep, {span(6, 0)});
  decide(keep);
  spans = {call(7, 6)};
  keep.take(spans);
  CHECK(spans[0].parent_span_id == 0);
  CHECK(spans[0].flags == 0x101);
}

TEST_CASE("beyond its bound the filter keeps what waits longest, with its ancestors, and counts it",
          "[exporter][keep]") {
  KeepFilter keep({.waiting = 10, .remembered = 100});
  Ids out;
  for (std::uint64_t id = 2; id <= 1001; ++id) {
    for (const std::uint64_t ready : take(keep, {span(id, 1)})) out.push_back(ready);
  }
  CHECK(out.size() == 990);
  CHECK(out.front() == 2);
  CHECK(keep.take_undecided() == 990);
  CHECK(keep.take_undecided() == 0);
  CHECK(take(keep, {span(1, 0)}) == Ids{1});
}

TEST_CASE("ids that never come do not pile up, and those in use stay known", "[exporter][keep]") {
  KeepFilter keep({.waiting = 10, .remembered = 100});
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    take(keep, {call(1'000'000 + 2 * i, 1'000'001 + 2 * i)});  // of a parent that is never told of
    take(keep, {call(2'000'000 + i, 1)});
  }
  CHECK(take(keep, {span(1, 0)}) == Ids{1});
}

TEST_CASE("damaged ids harm nobody: circles, doubles, spans that are their own parent", "[exporter][keep]") {
  KeepFilter keep;
  take(keep, {span(1, 2), span(2, 3), span(3, 1), span(4, 4), span(1, 2)});
  decide(keep, {{5, 6, false}, {6, 5, false}});
  CHECK_FALSE(keep.anything_waits());
  CHECK(take(keep, {call(9, 1)}) == Ids{9});
  CHECK(take(keep, {call(10, 4)}) == Ids{10});
  take(keep, {span(21, 22), span(22, 21)});
  CHECK(take(keep, {call(20, 21)}) == Ids{20, 21, 22});
}

TEST_CASE("the diagnostics of a process are no workflow", "[exporter][keep]") {
  KeepFilter keep;
  Span diagnostics = span(1, 0);
  diagnostics.name = "llmobserve.diagnostics";
  CHECK(take(keep, {diagnostics}) == Ids{1});
}

TEST_CASE("a filter that takes up a log goes on where the other one stopped", "[exporter][keep]") {
  std::string log;
  KeepFilter first;
  take(first, {span(2, 1), call(11, 10), span(30, 20), span(31, 0)});
  log += first.changes().text;
  CHECK(take(first, {call(3, 2)}) == Ids{2, 3});
  log += first.changes().text;
  first.decide({{20, 0, false}}, first.taken());
  log += first.changes().text;
  CHECK(first.changes().empty());

  KeepFilter second;
  second.restore(log);
  CHECK(second.changes().empty());
  std::vector<Span> late = {call(32, 31)};
  second.take(late);
  CHECK(late[0].parent_span_id == 0);                            // 31 was dropped
  CHECK(take(second, {span(10, 0), span(1, 0)}) == Ids{1, 10});  // both are wanted
  std::vector<Span> left = {call(33, 30)};
  second.take(left);
  REQUIRE(left.size() == 2);
  const Span& restored = left[0].span_id == 30 ? left[0] : left[1];
  CHECK(restored.span_id == 30);
  CHECK(restored.parent_span_id == 20);
  CHECK(restored.name == "workflow.plan");
  CHECK(restored.end_unix_nanos == 2030);
  CHECK(value<std::int64_t>(restored.attributes, "number") == 30);
  CHECK(value(restored.resource->attributes, "service.name") == "agent");
}

TEST_CASE("a log cut at any byte is taken up as far as it is whole", "[exporter][keep]") {
  KeepFilter first;
  take(first, {span(2, 1), call(11, 10), span(31, 0)});
  const std::string log = first.changes().text;
  for (std::size_t size = 0; size <= log.size(); ++size) {
    KeepFilter second;
    second.restore(std::string_view(log).substr(0, size));
    CHECK(waiting(second) <= 2);
    KeepFilter third;
    std::string damaged = log;
    if (size < log.size()) damaged[size] = static_cast<char>(damaged[size] ^ 0x15);
    third.restore(damaged);
    CHECK(waiting(third) <= 2);
  }
}

TEST_CASE("a log that has grown is written anew with what still counts", "[exporter][keep]") {
  KeepFilter keep;
  std::string log;
  bool was_whole = false;
  for (std::uint64_t id = 100; id < 20'000; id += 2) {
    take(keep, {span(id, 0)});
    const auto came = keep.changes();
    take(keep, {call(id + 1, id)});
    auto went = keep.changes();
    for (const auto& changes : {came, went}) {
      if (changes.whole) log.clear();
      was_whole = was_whole || changes.whole;
      log += changes.text;
    }
  }
  CHECK(was_whole);
  CHECK(log.size() < 2 << 20);
  KeepFilter second;
  second.restore(log);
  CHECK(waiting(second) == 0);
}

TEST_CASE("the file of the log goes back to what a note says", "[exporter][keep]") {
  const MemoryDir root;
  session::LogPoint appended;
  session::LogPoint replaced;
  {
    session::WaitingLogFile file;
    REQUIRE(file.open(root.path()));
    CHECK(file.resume({}).empty());
    REQUIRE(file.append("one\n"));
    appended = file.end();
    REQUIRE(file.append("two\n"));
    REQUIRE(file.replace("three\n"));
    replaced = file.end();
  }
  session::WaitingLogFile file;
  REQUIRE(file.open(root.path()));
  CHECK(file.resume(replaced) == "three\n");
  CHECK(file.resume(appended) == "one\n");
  REQUIRE(file.append("2\n"));
  CHECK(file.resume(file.end()) == "one\n2\n");
  CHECK(file.resume({0, 1 << 20}) == "one\n2\no\n");  // a note that lies: what is there
}

TEST_CASE("a living server's API calls come to the trace while it runs, its empty workflows never do",
          "[exporter][keep][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  const auto frames = image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 1});
  const auto records = image.add_block(journal::BlockKind::kRecords);
  const std::uint64_t start = image.header().opened.ticks;
  image.add_span(records, {.span_id = 3, .parent = 2, .start = start, .end = start + 1}, "GET", {});
  image.add_call(records, {.span_id = 2, .parent = 1, .start = start, .end = start + 2});
  image.add_call(records, {.span_id = 4, .parent = 1, .start = start, .end = start + 3});
  image.save(session);

  auto options = options_for(root);
  options.settings.keep_api = true;
  options.once = true;
  auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(spans_in(report.output_path).size() == 2);

  process.kill();
  options = options_for(root);
  options.settings.keep_api = true;
  report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kComplete);
  const auto spans = spans_in(report.output_path);
  CHECK(spans.size() == 3);
  CHECK(value(span_with_id(spans, 1).attributes, "llmobserve.end") == "killed");
}
