// The `console` exporter: the tree of each trace on standard error, when the trace is at its end.
//
// A trace whose top does not end, as that of a server, comes piece by piece: what has ended when nothing came
// for a while, its top marked as one whose parent is still open.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "exporters/console/trace_collector.h"
#include "exporters/console/tree_view.h"
#include "exporters/span/exporter.h"

namespace llmo::console {

using TakesTrace = std::function<bool(const Forest&, const TraceSlice&)>;

// Draws the traces that `takes` takes (null: all), spans in any order, as one text. A blank line stands at
// the end of each.
std::string draw_spans(TraceCollector::Trace spans, const ViewOptions& options,
                       const TakesTrace& takes = nullptr);

// Has a thread of its own, since a trace is at its end when nothing comes for a while and no batch tells
// that.
class ConsoleExporter : public Exporter {
 public:
  // Takes the text of one trace at a time, from either thread and never from both at once.
  using Print = std::function<void(std::string_view)>;
  using Options = std::function<ViewOptions()>;  // asked for each trace: a terminal changes its width

  // To standard error, as the descriptor is at the time.
  ConsoleExporter();
  ConsoleExporter(Print print, Options options);
  ~ConsoleExporter() override;

  std::string name() const override { return "console"; }
  bool export_batch(std::span<const Span> spans) override;
  void end_of_session() override;

 private:
  void run();
  void finish();
  void print(std::vector<TraceCollector::Trace> traces, bool live);

  Print print_;
  Options options_;
  std::mutex mutex_;  // guards all below, and is held while printing
  std::condition_variable changed_;
  TraceCollector collector_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all above
};

}  // namespace llmo::console
