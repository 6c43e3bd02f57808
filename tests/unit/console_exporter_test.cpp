// When the console exporter holds a trace for whole.
#include "exporters/console/console_exporter.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "tests/unit/console_spans.h"

namespace llmo::console {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const TraceCollector::Clock::time_point kStart{1h};

Span of_trace(std::uint64_t trace, Span span) {
  span.trace_id = {trace, trace};
  return span;
}

// What was printed, to be waited for.
class Printed {
 public:
  void add(std::string_view text) {
    const std::lock_guard lock(mutex_);
    text_ += text;
    changed_.notify_all();
  }
  bool wait_for(const std::string& wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return text_.find(wanted) != std::string::npos; });
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
};

TEST_CASE("a trace is whole a short while after its root came, not before", "[console]") {
  TraceCollector collector;
  collector.add(summarise(make_span(2, 1, "child", 1, 1)), kStart);
  CHECK(collector.take_finished(kStart + 110s).empty());

  collector.add(summarise(make_span(1, 0, "root", 0, 2)), kStart + 119s);
  CHECK(collector.take_finished(kStart + 119s).empty());
  CHECK(collector.next_due() == kStart + 119s + TraceCollector::kRootQuiet);
  const auto traces = collector.take_finished(kStart + 119s + TraceCollector::kRootQuiet);
  REQUIRE(traces.size() == 1);
  CHECK(traces[0].size() == 2);
  CHECK_FALSE(collector.next_due());
}

TEST_CASE("a span that comes after the root puts the end of its trace off", "[console]") {
  TraceCollector collector;
  collector.add(summarise(make_span(1, 0, "root", 0, 2)), kStart);
  collector.add(summarise(make_span(2, 1, "late", 1, 1)), kStart + 200ms);
  CHECK(collector.take_finished(kStart + 260ms).empty());
  CHECK(collector.take_finished(kStart + 450ms).at(0).size() == 2);
}

TEST_CASE("a span with a remote parent waits longer, as its caller may be in the same trace", "[console]") {
  TraceCollector collector;
  Span span = make_span(2, 1, "served", 1, 1);
  span.flags = 0x300;
  collector.add(summarise(span), kStart);
  CHECK(collector.take_finished(kStart + 1s).empty());
  CHECK(collector.take_finished(kStart + TraceCollector::kRemoteRootQuiet).size() == 1);
}

TEST_CASE("spans that never get a root come out at the end", "[console]") {
  TraceCollector collector;
  collector.add(summarise(of_trace(1, make_span(2, 1, "a", 1, 1))), kStart);
  collector.add(summarise(of_trace(2, make_span(3, 1, "b", 1, 1))), kStart);
  CHECK(collector.take_all().size() == 2);
  CHECK(collector.take_all().empty());
}

TEST_CASE("more spans than are kept push the longest quiet trace out", "[console]") {
  TraceCollector collector;
  collector.add(summarise(of_trace(7, make_span(1, 9, "old", 1, 1))), kStart);
  const auto filler = summarise(of_trace(8, make_span(2, 9, "new", 1, 1)));
  for (std::size_t count = 0; count < TraceCollector::kMaxSpans; ++count) collector.add(filler, kStart + 1s);
  const auto traces = collector.take_finished(kStart + 2s);
  REQUIRE(traces.size() == 1);
  CHECK(traces[0][0].name == "old");
}

TEST_CASE("the console exporter prints a finished trace although no further batch comes", "[console]") {
  Printed printed;
  ConsoleExporter exporter([&printed](std::string_view text) { printed.add(text); },
                           [] { return llmo::console::ViewOptions{}; });
  const std::vector<Span> batch = {make_span(2, 1, "b", 1, kSecond), make_span(1, 0, "a", 0, kSecond)};
  CHECK(exporter.export_batch(batch));
  CHECK(printed.wait_for("a      1.00 s\n└─ b   1.00 s\n\n"));
  exporter.end_of_session();
}

TEST_CASE("a trace whose root stays open comes piece by piece", "[console]") {
  TraceCollector collector;
  collector.add(summarise(make_span(2, 1, "first", 1, 1)), kStart);
  CHECK(collector.take_finished(kStart + TraceCollector::kRootlessQuiet).size() == 1);
  std::size_t pieces = 0;
  for (auto now = kStart + 1h; now < kStart + 2h; now += 1min) {
    collector.add(summarise(make_span(2, 1, "again", 1, 1)), now);
    pieces += collector.take_finished(now).size();
  }
  CHECK(pieces == 5);
  collector.add(summarise(make_span(3, 1, "last", 1, 1)), kStart + 3h);
  collector.keep_waiting({1, 1}, kStart + 4h);
  CHECK(collector.take_finished(kStart + 4h).empty());
}

TEST_CASE("an open span says so, and so does one whose parent is open", "[console]") {
  const Span open = make_span(1, 9, "server", 0, kSecond, {{"llmobserve.open", true}});
  ViewOptions live;
  live.live = true;
  CHECK(draw_spans({summarise(open), summarise(make_span(2, 1, "b", 0, kSecond))}, live) ==
        "server  (parent still open) … open 1.00 s\n"
        "└─ b                               1.00 s\n\n");
}

TEST_CASE("the console exporter prints what is incomplete at the end of the session, once", "[console]") {
  Printed printed;
  {
    ConsoleExporter exporter([&printed](std::string_view text) { printed.add(text); },
                             [] { return llmo::console::ViewOptions{}; });
    const std::vector<Span> batch = {make_span(2, 1, "b", 1, kSecond)};
    exporter.export_batch(batch);
    exporter.end_of_session();
  }
  CHECK(printed.text() == "b  (parent missing) 1.00 s\n\n");
}

}  // namespace
}  // namespace llmo::console
