// Feeds arbitrary bytes to the reader of AWS event streams, in pieces of several sizes, and demands the
// messages that a plain reading of the whole gives: lengths taken as they stand, up to the first that cannot
// be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shim/genai/event_stream.h"

namespace {

using llmo::genai::EventHead;
using llmo::genai::EventStreamReader;

constexpr std::size_t kFrame = 16;  // prelude and checksum of a message
constexpr std::size_t kMaxHeaders = 128 * 1024;

class Recorder final : public llmo::genai::EventStreamSink {
 public:
  void on_event_head(const EventHead& head) override {
    heads.append(head.event_type).append("|").append(head.exception_type).append("|");
    heads.append(head.error_message).append("\n");
  }
  void on_document_begin() override { payloads += '<'; }
  void on_document_bytes(std::string_view bytes) override { payloads += bytes; }
  void on_document_end() override { payloads += '>'; }
  std::string heads;
  std::string payloads;
};

Recorder read(std::string_view text, std::size_t piece) {
  EventStreamReader reader;
  Recorder recorder;
  for (std::size_t at = 0; at < text.size(); at += piece) reader.feed(text.substr(at, piece), &recorder);
  reader.finish(&recorder);
  return recorder;
}

std::size_t number_at(std::string_view text, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t byte = at; byte < at + 4; ++byte)
    number = number << 8 | static_cast<unsigned char>(text[byte]);
  return number;
}

std::string expected_payloads(std::string_view text) {
  std::string payloads;
  while (text.size() >= 12) {
    const std::size_t total = number_at(text, 0);
    const std::size_t headers = number_at(text, 4);
    const bool cannot_be =
        headers > kMaxHeaders || total < kFrame + headers || total > 24 * 1024 * 1024 + kMaxHeaders;
    if (cannot_be || text.size() < 12 + headers) break;
    const std::string_view rest = text.substr(12 + headers);
    payloads.append("<").append(rest.substr(0, total - headers - kFrame)).append(">");
    if (text.size() < total) break;
    text.remove_prefix(total);
  }
  return payloads;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const Recorder whole = read(text, size + 1);
  if (whole.payloads != expected_payloads(text)) std::abort();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{17}}) {
    const Recorder cut = read(text, piece);
    if (cut.heads != whole.heads || cut.payloads != whole.payloads) std::abort();
  }
  return 0;
}
