#include "exporters/console/console_exporter.h"

#include <unistd.h>

#include <utility>

#include "exporters/console/terminal.h"

namespace llmo::console {
namespace {

void expect_parents(Forest& forest) {
  for (const std::uint32_t root : forest.roots) {
    RootKind& kind = forest.nodes[root].root;
    if (kind == RootKind::kMissingParent) kind = RootKind::kOpenParent;
  }
}

}  // namespace

std::string draw_spans(TraceCollector::Trace spans, const ViewOptions& options, const TakesTrace& takes) {
  std::string text;
  Forest forest = build_forest(std::move(spans));
  if (options.live) expect_parents(forest);
  for (const TraceSlice& trace : forest.traces) {
    if (takes && !takes(forest, trace)) continue;
    draw_trace(forest, trace, options, [&text](std::string_view piece) { text += piece; });
    text += '\n';
  }
  return text;
}

ConsoleExporter::ConsoleExporter()
    : ConsoleExporter([](std::string_view text) { write_all(STDERR_FILENO, text); },
                      [] { return view_options(STDERR_FILENO); }) {}

ConsoleExporter::ConsoleExporter(Print print, Options options)
    : print_(std::move(print)), options_(std::move(options)), thread_([this] { run(); }) {}

ConsoleExporter::~ConsoleExporter() { finish(); }

// Nobody can be told where standard error is gone, so a batch counts as taken always.
bool ConsoleExporter::export_batch(std::span<const Span> spans) {
  const auto now = TraceCollector::Clock::now();
  const std::lock_guard lock(mutex_);
  for (const Span& span : spans) collector_.add(summarise(span), now);
  changed_.notify_one();
  return true;
}

void ConsoleExporter::end_of_session() { finish(); }

void ConsoleExporter::finish() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  print(collector_.take_all(), false);
}

void ConsoleExporter::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    print(collector_.take_finished(TraceCollector::Clock::now()), true);
    if (const auto due = collector_.next_due()) {
      changed_.wait_until(lock, *due);
    } else {
      changed_.wait(lock);
    }
  }
}

void ConsoleExporter::print(std::vector<TraceCollector::Trace> traces, bool live) {
  for (TraceCollector::Trace& trace : traces) {
    ViewOptions options = options_();
    options.live = live;
    print_(draw_spans(std::move(trace), options));
  }
}

}  // namespace llmo::console
