#include "exporters/console/console_exporter.h"

#include <unistd.h>

#include <utility>

#include "exporters/console/terminal.h"

namespace llmo::console {

std::string draw_spans(TraceCollector::Trace spans, const ViewOptions& options) {
  std::string text;
  const Forest forest = build_forest(std::move(spans));
  for (const TraceSlice& trace : forest.traces) {
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
  print(collector_.take_all());
}

void ConsoleExporter::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    print(collector_.take_finished(TraceCollector::Clock::now()));
    if (const auto due = collector_.next_due()) {
      changed_.wait_until(lock, *due);
    } else {
      changed_.wait(lock);
    }
  }
}

void ConsoleExporter::print(std::vector<TraceCollector::Trace> traces) {
  for (TraceCollector::Trace& trace : traces) print_(draw_spans(std::move(trace), options_()));
}

}  // namespace llmo::console
