// Feeds arbitrary bytes to the event stream reader, cut into pieces of every small size, and demands the
// events that a plain reading of the standard, line by line over the whole text, gives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "shim/genai/sse.h"

namespace {

using Events = std::vector<std::string>;

class Recorder final : public llmo::genai::SseSink {
 public:
  void on_sse_data(std::string_view bytes) override { data_ += bytes; }
  void on_sse_event_end() override {
    events.push_back(data_);
    data_.clear();
  }
  Events events;

 private:
  std::string data_;
};

Events read(std::string_view text, std::size_t piece) {
  llmo::genai::SseReader reader;
  Recorder recorder;
  for (std::size_t at = 0; at < text.size(); at += piece) reader.feed(text.substr(at, piece), &recorder);
  reader.finish(&recorder);
  return recorder.events;
}

// The lines of a text, the last one too where it has no end.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines{""};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool crlf = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if (text[at] != '\r' && text[at] != '\n') {
      lines.back() += text[at];
      continue;
    }
    lines.emplace_back();
    if (crlf) ++at;
  }
  return lines;
}

Events expected(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Events events;
  std::string data;
  bool has_data = false;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t number = 0; number < lines.size(); ++number) {
    const std::string_view line = lines[number];
    const std::string_view name = line.substr(0, line.find(':'));
    if (name == "data" && !line.empty()) {
      std::string_view value = line.substr(std::min(line.size(), name.size() + 1));
      if (value.starts_with(' ')) value.remove_prefix(1);
      data += (has_data ? "\n" : "") + std::string{value};
      has_data = true;
    }
    const bool ends = line.empty() || number + 1 == lines.size();
    if (!ends || !has_data) continue;
    events.push_back(data);
    data.clear();
    has_data = false;
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const Events events = expected(text);
  for (const std::size_t piece :
       {size + 1, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{17}}) {
    if (read(text, piece) != events) std::abort();
  }
  return 0;
}
