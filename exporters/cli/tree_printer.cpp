#include "exporters/cli/tree_printer.h"

#include <string>
#include <utility>
#include <vector>

#include "exporters/cli/messages.h"
#include "exporters/console/terminal.h"
#include "exporters/console/text.h"

namespace llmo::cli {
namespace {

class BufferedOutput {
 public:
  explicit BufferedOutput(int fd) : fd_(fd) {}

  void write(std::string_view text) {
    constexpr std::size_t kFlushAt = 256 * 1024;
    buffer_ += text;
    if (buffer_.size() >= kFlushAt) flush();
  }

  bool good() const { return good_; }

  bool flush() {
    good_ = good_ && console::write_all(fd_, buffer_);
    buffer_.clear();
    return good_;
  }

 private:
  int fd_;
  bool good_ = true;
  std::string buffer_;
};

void say_counts(const file::ReadCounts& counts, std::size_t duplicates) {
  const auto tell = [](std::uint64_t count, std::string_view one, std::string_view many,
                       std::string_view what) {
    if (count != 0) say("{} {} {}", console::format_count(count), count == 1 ? one : many, what);
  };
  tell(counts.damaged_lines, "line", "lines", "could not be read and left out");
  tell(counts.damaged_spans, "span", "spans", "could not be read and left out");
  tell(duplicates, "span", "spans", "found more than once, shown as told last");
}

}  // namespace

bool print_trees(TraceInput input, const views::TraceFilter& filter, const console::ViewOptions& options,
                 int fd) {
  const console::Forest forest = console::build_forest(std::move(input.spans));
  const std::vector<console::TraceSlice> traces = filter.select(forest);
  BufferedOutput out(fd);
  bool first = true;
  for (const console::TraceSlice& trace : traces) {
    if (!std::exchange(first, false)) out.write("\n");
    console::draw_trace(forest, trace, options, [&out](std::string_view text) { out.write(text); });
    if (!out.good()) return false;
  }
  const bool written = out.flush();
  say_counts(input.counts, input.sessions == 0 ? forest.duplicates : 0);
  if (traces.empty()) say_nothing_selected(forest.traces.size());
  return written && !traces.empty();
}

}  // namespace llmo::cli
