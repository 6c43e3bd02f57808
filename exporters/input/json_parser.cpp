#include "exporters/input/json_parser.h"

#include <algorithm>
#include <string_view>

#include "exporters/input/json_document.h"

namespace llmo::input {
namespace {

// OTLP's own limit for a request, and far beyond what any exporter writes.
constexpr std::size_t kMaxLine = 64U << 20;

constexpr std::string_view kBlanks = " \t\r\n";

// Where people's JSON is broken into lines, and where a line that was cut off hardly ever ends.
bool goes_on(std::string_view line) {
  const std::size_t last = line.find_last_not_of(kBlanks);
  if (last == std::string_view::npos || line[line.find_first_not_of(kBlanks)] != '{') return false;
  return line[last] == '{' || line[last] == '[' || line[last] == ',' || line[last] == ':';
}

}  // namespace

void JsonParser::read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) {
  while (find_line(at_end)) {
    const bool last = line_size_ == window_.view().size();
    const std::string_view line = window_.view().substr(0, line_size_);
    in_rubble_ = in_rubble_ && !line.starts_with('{');
    if (!too_long_ && !in_rubble_ && goes_on(line)) {
      read_document(take, counts);
    } else {
      if (too_long_) {
        ++counts.damaged_lines;
      } else if (!in_rubble_) {
        file::read_otlp_json_line(line, take, counts);
      }
      window_.consume(line_size_ + (last ? 0 : 1));
    }
    too_long_ = false;
    searched_ = 0;
  }
}

// Finds the end of the line that the window begins with. False where there is no whole line for now.
bool JsonParser::find_line(bool at_end) {
  for (;;) {
    const std::size_t end = window_.view().find('\n', searched_);
    line_size_ = searched_ = std::min(end, window_.view().size());
    if (end != std::string_view::npos) return true;
    if (searched_ > kMaxLine) {
      too_long_ = true;
      window_.consume(searched_);
      line_size_ = searched_ = 0;
    }
    if (!window_.fill()) return at_end && (line_size_ != 0 || too_long_);
  }
}

void JsonParser::read_document(const file::SpanCallback& take, file::ReadCounts& counts) {
  const JsonDocument::TakeRequest take_request = [&](std::string_view request) {
    file::read_otlp_json_line(request, take, counts);
  };
  in_rubble_ = !JsonDocument(window_, take_request).read();
  if (in_rubble_) ++counts.damaged_lines;
}

}  // namespace llmo::input
